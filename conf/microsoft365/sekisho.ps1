<#
.SYNOPSIS
Puts Sekisho into the way out of Exchange Online, step by step, and takes it out again.

.DESCRIPTION
tap      copies of outgoing mail to the tap listener; nothing is in the path
connect  connectors and a rule that is switched off
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
    # tap: an address in a domain that exists for this alone, and who hears of journal failures.
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

function New-Way([string]$Name, [string[]]$Domains, [bool]$ByRule) {
    # DomainValidation: the certificate must be Sekisho's, or mail waits.
    $way = @{
        Name = $Name; ConnectorType = 'OnPremises'; UseMXRecord = $false
        SmartHosts = $SmartHost; TlsSettings = 'DomainValidation'; TlsDomain = $SmartHost
        IsTransportRuleScoped = $ByRule; Enabled = $true
    }
    if ($Domains) { $way.RecipientDomains = $Domains }
    if (-not (Test-There { Get-Out $Name })) { New-OutboundConnector @way | Out-Null }
}

function Connect-Sekisho {
    Assert-Given SmartHost $SmartHost
    Assert-Given ReturnAddress $ReturnAddress
    New-Way $Out @() $true
    if ($ThroughConnector -and -not (Test-There { Get-Back })) {
        New-InboundConnector -Name $Back -ConnectorType OnPremises -SenderDomains '*' `
            -SenderIPAddresses $ReturnAddress -RequireTls $true -Enabled $true | Out-Null
    }
    if (Test-There { Get-Rule }) { return }
    # By address and not by a header: a header is what anybody can write to get round Sekisho.
    New-TransportRule -Name $Rule -Enabled $false -Priority 0 `
        -FromScope InOrganization -SentToScope NotInOrganization `
        -ExceptIfSenderIpRanges $ReturnAddress `
        -SetHeaderName $Header -SetHeaderValue (Read-Secret) `
        -RouteMessageOutboundConnector $Out -StopRuleProcessing $true `
        -Comments 'connected' | Out-Null
}

function Start-Tap {
    Assert-Given SmartHost $SmartHost
    Assert-Given TapAddress $TapAddress
    Assert-Given JournalFailures $JournalFailures
    New-Way $Tap @($TapAddress.Split('@')[-1]) $false
    Set-TransportConfig -JournalingReportNdrTo $JournalFailures
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
Get-Out $Out | Format-List Name, Enabled, SmartHosts, TlsDomain
Get-Back | Format-List Name, Enabled, SenderIPAddresses
Get-Journal | Format-List Name, Enabled, JournalEmailAddress
