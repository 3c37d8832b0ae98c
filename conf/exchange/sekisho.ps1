<#
.SYNOPSIS
Puts Sekisho into the way out of an Exchange Server, and takes it out again.

.DESCRIPTION
tap      copies of outgoing mail to the tap listener; nothing is in the path
connect  a Send Connector that is switched off
pilot    the connector, for the recipient domains of -Domains only (Exchange Server has no rule that
         chooses a connector by its sender)
all      the connector, for everything outside; -Before names those that did it until now: they are
         switched off, and the connector's comment says so for the steps below
bypass   the connector off and those on: mail leaves as before Sekisho
undo     connectors and journal rule are removed, those are on

Run it in the Exchange Management Shell. Every step can be repeated, and tried with -WhatIf. If
Exchange does not know the address of -TapAddress, make a mail contact of it first.

.EXAMPLE
./sekisho.ps1 connect -SmartHost sekisho.example.co.jp -Servers EX01
./sekisho.ps1 all -Before "Internet"
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory, Position = 0)]
    [ValidateSet('tap', 'connect', 'pilot', 'all', 'bypass', 'undo')]
    [string]$Step,
    [string]$SmartHost,
    [string[]]$Servers = @(),
    [string[]]$Domains = @(),
    [string[]]$Before = @(),
    [string]$TapAddress
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
$Name = 'Sekisho'
$Tap = 'Sekisho tap'
$Instead = 'instead of: '

function Assert-Given([string]$What, $Value) {
    if (-not $Value) { throw "$Step needs -$What" }
}
function Get-Way([string]$Wanted) { Get-SendConnector | Where-Object Name -EQ $Wanted }
function New-Way([string]$Wanted, [string]$Space, [int]$Port, [bool]$Enabled) {
    if (Get-Way $Wanted) { return }
    Assert-Given SmartHost $SmartHost
    $from = @{}
    if ($Servers) { $from.SourceTransportServers = $Servers }  # none: this server
    New-SendConnector -Name $Wanted -AddressSpaces $Space -SmartHosts $SmartHost -Port $Port `
        -DNSRoutingEnabled $false -RequireTLS $true -TlsAuthLevel DomainValidation `
        -TlsDomain $SmartHost -Enabled $Enabled @from | Out-Null
}
function Get-Before {
    # Whoever needs `bypass` is in a hurry: what `all` was told need not be said again.
    if ($Before) { return $Before }
    $way = Get-Way $Name
    if ($way -and "$($way.Comment)".StartsWith($Instead)) {
        "$($way.Comment)".Substring($Instead.Length) -split '; '
    }
}
function Set-Before([bool]$Enabled) {
    foreach ($way in @(Get-Before)) { Set-SendConnector $way -Enabled $Enabled }
}
function Get-Others {
    Get-SendConnector | Where-Object {
        $_.Enabled -and $_.Name -ne $Name -and
        (@($_.AddressSpaces | ForEach-Object { "$_" }) -match '^(smtp:)?\*(;\d+)?$')
    }
}

if ($PSCmdlet.ShouldProcess('Exchange Server', $Step)) {
    switch ($Step) {
        'tap' {
            Assert-Given TapAddress $TapAddress
            New-Way $Tap ($TapAddress.Split('@')[-1]) 2525 $true
            if (-not (Get-JournalRule | Where-Object Name -EQ $Tap)) {
                New-JournalRule -Name $Tap -JournalEmailAddress $TapAddress -Scope External `
                    -Enabled $true | Out-Null
            }
        }
        'connect' { New-Way $Name '*;1' 25 $false }
        'pilot' {
            Assert-Given Domains $Domains
            Set-Before $true
            $spaces = $Domains | ForEach-Object { "SMTP:$_;1" }
            Set-SendConnector $Name -AddressSpaces $spaces -Enabled $true
        }
        'all' {
            $told = @(Get-Before)
            $beside = @(Get-Others | Where-Object { $told -notcontains $_.Name })
            if ($beside) { throw "mail would go by $($beside.Name -join ', ') as well: name it with -Before" }
            if ($told) { Set-SendConnector $Name -Comment ($Instead + ($told -join '; ')) }
            # On before the other goes off: for a moment there are two ways, and never none.
            Set-SendConnector $Name -AddressSpaces '*;1' -Enabled $true
            Set-Before $false
        }
        'bypass' {
            Set-Before $true
            Set-SendConnector $Name -Enabled $false
            if (-not (Get-Others)) { Write-Warning 'no other connector is on: mail waits (-Before)' }
        }
        'undo' {
            Set-Before $true
            foreach ($way in $Name, $Tap) {
                if (Get-Way $way) { Remove-SendConnector $way -Confirm:$false }
            }
            Get-JournalRule | Where-Object Name -EQ $Tap | Remove-JournalRule -Confirm:$false
        }
    }
}
Get-SendConnector | Format-Table Name, Enabled, AddressSpaces, SmartHosts
