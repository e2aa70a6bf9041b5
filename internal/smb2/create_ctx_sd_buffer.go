package smb2

import "github.com/signet-smb/signet/dtyp"

// SDBuffer reads the data of a request's [CreateSDBuffer]: the security
// descriptor of the new file, which aliases the message. There is no
// response. [MS-SMB2] 2.2.13.2.2.
func (c CreateContext) SDBuffer() (dtyp.SecurityDescriptor, error) {
	return readContext(c, dtyp.ReadSecurityDescriptor)
}

// SDBufferContext encodes sd, whose lists must not be above
// [dtyp.MaxACLSize].
func SDBufferContext(sd dtyp.SecurityDescriptor) CreateContext {
	return newContext(CreateSDBuffer, sd.Append)
}
