<#
.SYNOPSIS
Puts Sekisho into the way out of Exchange Online, step by step, and takes it out again.

.DESCRIPTION
tap      copies of outgoing mail to the tap listener; nothing is in the path
connect  connectors and a rule that is switched off; said again, with the addresses and the secret
         that you give now, and on or off as it was
pilot    the rule, for members of -Group only
all      the rule, for everybody
bypass   the rule off: mail leaves as before Sekisho; -Reason stands in its comment
resume   the rule on again, for whom it was before
undo     rules and connectors are removed
status   what there is

Needs the module ExchangeOnlineManagement and the role "Exchange Administrator". Every step can be
repeated, and tried with -WhatIf first. The secret of [smtp.tenant] is asked for, never stored.

.EXAMPLE
./sekisho.ps1 connect -SmartHost sekisho.example.co.jp -ReturnAddress 203.0.113.10
./sekisho.ps1 pilot -Group sekisho-pilot@example.co.jp
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory, Position = 0)]
    [ValidateSet('tap', 'connect', 'pilot', 'all', 'bypass', 'resume', 'undo', 'status')]
    [string]$Step,
    # Sekisho's host name, as in its certificate.
    [string]$SmartHost,
    # Sekisho's own address: mail from it comes back (and must not go round), or is Sekisho's own.
    [string[]]$ReturnAddress = @(),
    # Sekisho hands on to Exchange Online, not to the MX of each recipient.
    [switch]$ThroughConnector,
    [string]$Group,
    [string]$Reason = '',
    [string]$Header = 'X-Sekisho-Tenant',
    # tap: an address in a domain that exists for this alone, and who hears of journal reports that
    # are not delivered, where nobody does yet: no mailbox of Exchange Online.
    [string]$TapAddress,
    [string]$JournalFailures
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
$Rule = 'Sekisho'
$Out = 'Sekisho out'
$Back = 'Sekisho back'
$Tap = 'Sekisho tap'

function Test-There([scriptblock]$Get) {
    $null -ne (& $Get | Select-Object -First 1)
}
function Assert-Given([string]$Name, $Value) {
    if (-not $Value) { throw "$Step needs -$Name" }
}
function Get-Rule { Get-TransportRule -ErrorAction SilentlyContinue | Where-Object Name -EQ $Rule }
function Get-Out([string]$Name) {
    Get-OutboundConnector -IncludeTestModeConnectors $true | Where-Object Name -EQ $Name
}
function Get-Back { Get-InboundConnector | Where-Object Name -EQ $Back }
function Get-Journal { Get-JournalRule | Where-Object Name -EQ $Tap }

function Read-Secret {
    $typed = Read-Host -AsSecureString "secret of [smtp.tenant] ($Header)"
    $text = [System.Net.NetworkCredential]::new('', $typed).Password
    if ($text -notmatch '^[!-~]{16,200}$') { throw 'the secret has 16 to 200 ASCII characters' }
    $text
}

function Set-Way([string]$Name, [string[]]$Domains, [bool]$ByRule) {
    # DomainValidation: the certificate must be Sekisho's, or mail waits.
    $way = @{
        UseMXRecord = $false; SmartHosts = $SmartHost
        TlsSettings = 'DomainValidation'; TlsDomain = $SmartHost
    }
    if ($Domains) { $way.RecipientDomains = $Domains }
    if (Test-There { Get-Out $Name }) { Set-OutboundConnector $Name @way; return }
    New-OutboundConnector -Name $Name -ConnectorType OnPremises -IsTransportRuleScoped $ByRule `
        -Enabled $true @way | Out-Null
}

function Connect-Sekisho {
    Assert-Given SmartHost $SmartHost
    Assert-Given ReturnAddress $ReturnAddress
    Set-Way $Out @() $true
    if (Test-There { Get-Back }) {
        Set-InboundConnector $Back -SenderIPAddresses $ReturnAddress
    } elseif ($ThroughConnector) {
        New-InboundConnector -Name $Back -ConnectorType OnPremises -SenderDomains '*' `
            -SenderIPAddresses $ReturnAddress -RequireTls $true -Enabled $true | Out-Null
    }
    # By address and not by a header: a header is what anybody can write to get round Sekisho.
    # Your other rules are for the second time round where there is one, and for the first else:
    # a disclaimer would stand there twice, or not at all.
    $does = @{
        ExceptIfSenderIpRanges = $ReturnAddress
        SetHeaderName = $Header; SetHeaderValue = (Read-Secret)
        StopRuleProcessing = (Test-There { Get-Back })
    }
    if (Test-There { Get-Rule }) { Set-TransportRule $Rule @does; return }
    New-TransportRule -Name $Rule -Enabled $false -Priority 0 `
        -FromScope InOrganization -SentToScope NotInOrganization `
        -RouteMessageOutboundConnector $Out -Comments 'connected' @does | Out-Null
}

function Start-Tap {
    Assert-Given SmartHost $SmartHost
    Assert-Given TapAddress $TapAddress
    # Exchange Online makes no journal rule before somebody hears of reports that are not delivered.
    # It is one address for all of them: what stands there stays.
    if ("$((Get-TransportConfig).JournalingReportNdrTo)" -in '', '<>') {
        Assert-Given JournalFailures $JournalFailures
        Set-TransportConfig -JournalingReportNdrTo $JournalFailures
    }
    Set-Way $Tap @($TapAddress.Split('@')[-1]) $false
    if (-not (Test-There { Get-Journal })) {
        New-JournalRule -Name $Tap -JournalEmailAddress $TapAddress -Scope External `
            -Enabled $true | Out-Null
    }
}

function Undo-All {
    if (Test-There { Get-Rule }) { Remove-TransportRule $Rule -Confirm:$false }
    if (Test-There { Get-Journal }) { Remove-JournalRule $Tap -Confirm:$false }
    foreach ($name in $Out, $Tap) {
        if (Test-There { Get-Out $name }) { Remove-OutboundConnector $name -Confirm:$false }
    }
    if (Test-There { Get-Back }) { Remove-InboundConnector $Back -Confirm:$false }
    # It may have been set by hand, and other journal rules need it: who made it decides.
    $heard = "$((Get-TransportConfig).JournalingReportNdrTo)"
    if ($heard -notin '', '<>') {
        Write-Warning "JournalingReportNdrTo stays ${heard}; with no journal rule left, set it to '<>'"
    }
}

if (-not (Get-Command Get-TransportRule -ErrorAction SilentlyContinue)) { Connect-ExchangeOnline }
$now = Get-Date -Format s
if ($Step -eq 'status' -or $PSCmdlet.ShouldProcess('Exchange Online', $Step)) {
    switch ($Step) {
        'tap' { Start-Tap }
        'connect' { Connect-Sekisho }
        'pilot' {
            Assert-Given Group $Group
            Set-TransportRule $Rule -FromMemberOf $Group -Comments "pilot $now"
            Enable-TransportRule $Rule
        }
        'all' {
            Set-TransportRule $Rule -FromMemberOf $null -Comments "all $now"
            Enable-TransportRule $Rule
        }
        'bypass' {
            Assert-Given Reason $Reason
            Disable-TransportRule $Rule -Confirm:$false
            Set-TransportRule $Rule -Comments "bypass ${now}: $Reason"
        }
        'resume' {
            Enable-TransportRule $Rule
            Set-TransportRule $Rule -Comments "resumed $now"
        }
        'undo' { Undo-All }
    }
}
Get-Rule | Format-List Name, State, FromMemberOf, Comments
foreach ($way in $Out, $Tap) { Get-Out $way | Format-List Name, Enabled, SmartHosts, TlsDomain }
Get-Back | Format-List Name, Enabled, SenderIPAddresses
Get-Journal | Format-List Name, Enabled, JournalEmailAddress
