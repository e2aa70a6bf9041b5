package srvsvc

// status is a NET_API_STATUS, what every method returns. [MS-SRVS] 2.2.2.10.
type status uint32

const (
	success          status = 0
	accessDenied     status = 5
	notSupported     status = 50
	invalidParameter status = 87
	invalidLevel     status = 124
	moreData         status = 234
	bufTooSmall      status = 2123 // NERR_BufTooSmall
	netNameNotFound  status = 2310 // NERR_NetNameNotFound
	deviceNotShared  status = 2311 // NERR_DeviceNotShared
)
