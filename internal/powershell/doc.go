// Package powershell makes the parts of the PowerShell module powershell/Signet
// that follow from something else: the table of operations from the OpenAPI
// document of package admin, the parameters and properties of the configuration
// from the definitions of package policy, their order from windows.tsv, and the
// cmdlets from the tables of this package.
//
//	Operations.ps1        operation, method and path, and the role that it needs
//	Cmdlets.ps1           the functions, with their help
//	Signet.format.ps1xml  what is shown of an object
//	Signet.psd1           the manifest
//
// What talks to the server (Connection.ps1, Common.ps1) is written by hand and
// knows no cmdlet and no property.
//
// [Cmdlets] is also what the tests replay: each names its requests, and a server
// that was built is asked them.
//
// Only make generate and tests use the package. Nothing here is safe for
// concurrent use while it is initialised; afterwards nothing changes.
package powershell
