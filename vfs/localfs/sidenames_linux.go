package localfs

// For programs that work on the files beside a server: under which extended
// attributes streams and extended attributes of clients are kept, as Samba's
// vfs_streams_xattr and Samba keep them.

// SecurityAttribute is where such programs keep a file's security descriptor,
// in its self-relative form. No server looks at it, and clients do not see it.
const SecurityAttribute = "user.Signet.SecurityDescriptor"

// MaxStreamAttribute is the most that a stream in an attribute holds, in bytes:
// the value has one byte more, a 0.
const MaxStreamAttribute = maxStreamXattr - 1

// StreamAttribute is the attribute in which the stream of that name is kept;
// false if it can be in none.
func StreamAttribute(name string) (string, bool) {
	attribute := sideOfStream(name)
	return attribute, validStreamName(name) && len(attribute) <= maxXattrName
}

// StreamOfAttribute is the name of the stream that is kept in an attribute;
// false if that holds none.
func StreamOfAttribute(attribute string) (string, bool) { return streamOfSide(attribute) }

// EAAttribute is the attribute that is the extended attribute of that name for
// clients; false if they can have none of that name.
func EAAttribute(name string) (string, bool) {
	attribute := eaPrefix + name
	_, ok := eaName(attribute)
	return attribute, ok && len(attribute) <= maxXattrName
}

// EAOfAttribute is what clients call an attribute; false if they are not shown
// it.
func EAOfAttribute(attribute string) (string, bool) { return eaName(attribute) }
