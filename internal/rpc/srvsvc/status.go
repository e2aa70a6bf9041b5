package srvsvc

// status is a NET_API_STATUS, what every method returns. [MS-SRVS] 2.2.2.10.
type status uint32

const (
	success          status = 0
	fileNotFound     status = 2
	accessDenied     status = 5
	notSupported     status = 50
	invalidParameter status = 87
	invalidName      status = 123
	invalidLevel     status = 124
	moreData         status = 234
	duplicateShare   status = 2118 // NERR_DuplicateShare
	bufTooSmall      status = 2123 // NERR_BufTooSmall
	netNameNotFound  status = 2310 // NERR_NetNameNotFound
	deviceNotShared  status = 2311 // NERR_DeviceNotShared
	clientNotFound   status = 2312 // NERR_ClientNameNotFound
	fileIDNotFound   status = 2314 // NERR_FileIdNotFound
)
