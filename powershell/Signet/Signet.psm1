# The module: the functions that talk to servers, and the cmdlets made for them.
Set-StrictMode -Version 3.0

. "$PSScriptRoot/Operations.ps1"
. "$PSScriptRoot/Transport.ps1"
. "$PSScriptRoot/Connection.ps1"
. "$PSScriptRoot/Common.ps1"
. "$PSScriptRoot/Cmdlets.ps1"
. "$PSScriptRoot/Mapping.ps1"
