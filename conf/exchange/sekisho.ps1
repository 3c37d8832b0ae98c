<#
.SYNOPSIS
Puts Sekisho into the way out of an Exchange Server, and takes it out again.

.DESCRIPTION
tap      copies of outgoing mail to the tap listener; nothing is in the path
connect  a Send Connector that is switched off
pilot    the connector, for the recipient domains of -Domains only (Exchange Server has no rule that
         chooses a connector by its sender)
all      the connector, for everything outside; -Before names the one that did it until now
bypass   the connector off and -Before on: mail leaves as before Sekisho
undo     connector and journal rule are removed, -Before is on

Run it in the Exchange Management Shell. Every step can be repeated, and tried with -WhatIf.

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
    [string]$Before = '',
    [string]$TapAddress
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
$Name = 'Sekisho'
$Tap = 'Sekisho tap'

function Get-Way([string]$Wanted) { Get-SendConnector | Where-Object Name -EQ $Wanted }
function New-Way([string]$Wanted, [string]$Space, [int]$Port, [bool]$Enabled) {
    if (Get-Way $Wanted) { return }
    if (-not $SmartHost) { throw "$Step needs -SmartHost" }
    New-SendConnector -Name $Wanted -AddressSpaces $Space -SmartHosts $SmartHost -Port $Port `
        -DNSRoutingEnabled $false -RequireTLS $true -TlsAuthLevel DomainValidation `
        -TlsDomain $SmartHost -SourceTransportServers $Servers -Enabled $Enabled | Out-Null
}
function Set-Before([bool]$Enabled) {
    if ($Before) { Set-SendConnector $Before -Enabled $Enabled }
}

if ($PSCmdlet.ShouldProcess('Exchange Server', $Step)) {
    switch ($Step) {
        'tap' {
            New-Way $Tap $TapAddress.Split('@')[-1] 2525 $true
            if (-not (Get-JournalRule | Where-Object Name -EQ $Tap)) {
                New-JournalRule -Name $Tap -JournalEmailAddress $TapAddress -Scope External `
                    -Enabled $true | Out-Null
            }
        }
        'connect' { New-Way $Name '*;1' 25 $false }
        'pilot' {
            if (-not $Domains) { throw 'pilot needs -Domains' }
            $spaces = $Domains | ForEach-Object { "SMTP:$_;1" }
            Set-SendConnector $Name -AddressSpaces $spaces -Enabled $true
        }
        'all' {
            # On before the other goes off: for a moment there are two ways, and never none.
            Set-SendConnector $Name -AddressSpaces '*;1' -Enabled $true
            Set-Before $false
        }
        'bypass' {
            Set-Before $true
            Set-SendConnector $Name -Enabled $false
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
