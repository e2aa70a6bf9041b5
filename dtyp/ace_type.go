package dtyp

// ACEType is the AceType field. [MS-DTYP] 2.4.4.1.
type ACEType uint8

// ACE types whose parts are known here; the missing ones are reserved.
// [MS-DTYP] 2.4.4.1.
const (
	AccessAllowedACE               ACEType = 0x00
	AccessDeniedACE                ACEType = 0x01
	SystemAuditACE                 ACEType = 0x02
	AccessAllowedObjectACE         ACEType = 0x05
	AccessDeniedObjectACE          ACEType = 0x06
	SystemAuditObjectACE           ACEType = 0x07
	AccessAllowedCallbackACE       ACEType = 0x09
	AccessDeniedCallbackACE        ACEType = 0x0A
	AccessAllowedCallbackObjectACE ACEType = 0x0B
	AccessDeniedCallbackObjectACE  ACEType = 0x0C
	SystemAuditCallbackACE         ACEType = 0x0D
	SystemAuditCallbackObjectACE   ACEType = 0x0F
	SystemMandatoryLabelACE        ACEType = 0x11
	SystemResourceAttributeACE     ACEType = 0x12
	SystemScopedPolicyIDACE        ACEType = 0x13
)

// aceRow is what is known about an ACE type.
type aceRow struct {
	known  bool   // has a mask and a SID
	object bool   // has flags and GUIDs between them
	data   bool   // has data behind them
	sddl   string // its name in SDDL, 2.5.1.1; "" if that has none
}

// aceTypes is the table of ACE types, with gaps. Two numbers in 2.5.1.1
// contradict 2.4.4.1, which is followed: XU and ZA are the types that the
// words there say.
var aceTypes = [...]aceRow{
	AccessAllowedACE:               {known: true, sddl: "A"},
	AccessDeniedACE:                {known: true, sddl: "D"},
	SystemAuditACE:                 {known: true, sddl: "AU"},
	AccessAllowedObjectACE:         {known: true, object: true, sddl: "OA"},
	AccessDeniedObjectACE:          {known: true, object: true, sddl: "OD"},
	SystemAuditObjectACE:           {known: true, object: true, sddl: "OU"},
	AccessAllowedCallbackACE:       {known: true, data: true, sddl: "XA"},
	AccessDeniedCallbackACE:        {known: true, data: true, sddl: "XD"},
	AccessAllowedCallbackObjectACE: {known: true, object: true, data: true, sddl: "ZA"},
	AccessDeniedCallbackObjectACE:  {known: true, object: true, data: true},
	SystemAuditCallbackACE:         {known: true, data: true, sddl: "XU"},
	SystemAuditCallbackObjectACE:   {known: true, object: true, data: true},
	SystemMandatoryLabelACE:        {known: true, sddl: "ML"},
	SystemResourceAttributeACE:     {known: true, data: true, sddl: "RA"},
	SystemScopedPolicyIDACE:        {known: true, sddl: "SP"},
}

// row is the zero row for a type that the table does not have.
func (t ACEType) row() aceRow {
	if int(t) < len(aceTypes) {
		return aceTypes[t]
	}
	return aceRow{}
}
