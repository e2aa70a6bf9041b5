package fscc

import "fmt"

// FSCTL is a file system control code. [MS-FSCC] 2.3, [MS-SMB2] 2.2.31.
type FSCTL uint32

// FSCTL codes that may travel over the network. [MS-FSCC] 2.3,
// [MS-SMB2] 2.2.31.
const (
	FSCTLDFSGetReferrals                 FSCTL = 0x00060194
	FSCTLDFSGetReferralsEx               FSCTL = 0x000601B0
	FSCTLIsPathnameValid                 FSCTL = 0x0009002C
	FSCTLGetCompression                  FSCTL = 0x0009003C
	FSCTLQueryFATBPB                     FSCTL = 0x00090058
	FSCTLFilesystemGetStatistics         FSCTL = 0x00090060
	FSCTLGetNTFSVolumeData               FSCTL = 0x00090064
	FSCTLGetRetrievalPointers            FSCTL = 0x00090073
	FSCTLIsVolumeDirty                   FSCTL = 0x00090078
	FSCTLAllowExtendedDASDIO             FSCTL = 0x00090083
	FSCTLFindFilesBySID                  FSCTL = 0x0009008F
	FSCTLSetObjectID                     FSCTL = 0x00090098
	FSCTLGetObjectID                     FSCTL = 0x0009009C
	FSCTLDeleteObjectID                  FSCTL = 0x000900A0
	FSCTLSetReparsePoint                 FSCTL = 0x000900A4
	FSCTLGetReparsePoint                 FSCTL = 0x000900A8
	FSCTLDeleteReparsePoint              FSCTL = 0x000900AC
	FSCTLSetObjectIDExtended             FSCTL = 0x000900BC
	FSCTLCreateOrGetObjectID             FSCTL = 0x000900C0
	FSCTLSetSparse                       FSCTL = 0x000900C4
	FSCTLSetEncryption                   FSCTL = 0x000900D7
	FSCTLReadFileUSNData                 FSCTL = 0x000900EB
	FSCTLWriteUSNCloseRecord             FSCTL = 0x000900EF
	FSCTLExtendVolume                    FSCTL = 0x000900F0
	FSCTLMarkHandle                      FSCTL = 0x000900FC
	FSCTLSISCopyFile                     FSCTL = 0x00090100
	FSCTLRecallFile                      FSCTL = 0x00090117
	FSCTLFilePrefetch                    FSCTL = 0x00090120
	FSCTLQuerySparingInfo                FSCTL = 0x00090138
	FSCTLQueryOnDiskVolumeInfo           FSCTL = 0x0009013C
	FSCTLSetZeroOnDeallocation           FSCTL = 0x00090194
	FSCTLShrinkVolume                    FSCTL = 0x000901B0
	FSCTLSDGlobalChange                  FSCTL = 0x000901F4
	FSCTLLookupStreamFromCluster         FSCTL = 0x000901FC
	FSCTLGetBootAreaInfo                 FSCTL = 0x00090230
	FSCTLGetRetrievalPointerBase         FSCTL = 0x00090234
	FSCTLSetPersistentVolumeState        FSCTL = 0x00090238
	FSCTLQueryPersistentVolumeState      FSCTL = 0x0009023C
	FSCTLGetIntegrityInformation         FSCTL = 0x0009027C
	FSCTLQueryFileRegions                FSCTL = 0x00090284
	FSCTLGetReFSVolumeData               FSCTL = 0x000902D8
	FSCTLQuerySharedVirtualDiskSupport   FSCTL = 0x00090300
	FSCTLSVHDXSyncTunnelRequest          FSCTL = 0x00090304
	FSCTLStorageQoSControl               FSCTL = 0x00090350
	FSCTLSVHDXAsyncTunnelRequest         FSCTL = 0x00090364
	FSCTLSetIntegrityInformationEx       FSCTL = 0x00090380
	FSCTLGetRetrievalPointersAndRefcount FSCTL = 0x000903D3
	FSCTLGetRetrievalPointerCount        FSCTL = 0x0009042B
	FSCTLReFSStreamSnapshotManagement    FSCTL = 0x00090440
	FSCTLQueryAllocatedRanges            FSCTL = 0x000940CF
	FSCTLOffloadRead                     FSCTL = 0x00094264
	FSCTLSetZeroData                     FSCTL = 0x000980C8
	FSCTLSetDefectManagement             FSCTL = 0x00098134
	FSCTLFileLevelTrim                   FSCTL = 0x00098208
	FSCTLOffloadWrite                    FSCTL = 0x00098268
	FSCTLDuplicateExtentsToFile          FSCTL = 0x00098344
	FSCTLDuplicateExtentsToFileEx        FSCTL = 0x000983E8
	FSCTLSetCompression                  FSCTL = 0x0009C040
	FSCTLSetIntegrityInformation         FSCTL = 0x0009C280
	FSCTLPipeWait                        FSCTL = 0x00110018
	FSCTLPipePeek                        FSCTL = 0x0011400C
	FSCTLPipeTransceive                  FSCTL = 0x0011C017
	FSCTLSrvRequestResumeKey             FSCTL = 0x00140078
	FSCTLLMRSetLinkTrackingInformation   FSCTL = 0x001400EC
	FSCTLLMRRequestResiliency            FSCTL = 0x001401D4
	FSCTLQueryNetworkInterfaceInfo       FSCTL = 0x001401FC
	FSCTLValidateNegotiateInfo           FSCTL = 0x00140204
	FSCTLSrvEnumerateSnapshots           FSCTL = 0x00144064
	FSCTLSrvCopychunk                    FSCTL = 0x001440F2
	FSCTLSrvReadHash                     FSCTL = 0x001441BB
	FSCTLSrvCopychunkWrite               FSCTL = 0x001480F2
)

// fsctlNames gives Microsoft's spelling of each FSCTL above.
var fsctlNames = map[FSCTL]string{
	FSCTLDFSGetReferrals:                 "FSCTL_DFS_GET_REFERRALS",
	FSCTLDFSGetReferralsEx:               "FSCTL_DFS_GET_REFERRALS_EX",
	FSCTLIsPathnameValid:                 "FSCTL_IS_PATHNAME_VALID",
	FSCTLGetCompression:                  "FSCTL_GET_COMPRESSION",
	FSCTLQueryFATBPB:                     "FSCTL_QUERY_FAT_BPB",
	FSCTLFilesystemGetStatistics:         "FSCTL_FILESYSTEM_GET_STATISTICS",
	FSCTLGetNTFSVolumeData:               "FSCTL_GET_NTFS_VOLUME_DATA",
	FSCTLGetRetrievalPointers:            "FSCTL_GET_RETRIEVAL_POINTERS",
	FSCTLIsVolumeDirty:                   "FSCTL_IS_VOLUME_DIRTY",
	FSCTLAllowExtendedDASDIO:             "FSCTL_ALLOW_EXTENDED_DASD_IO",
	FSCTLFindFilesBySID:                  "FSCTL_FIND_FILES_BY_SID",
	FSCTLSetObjectID:                     "FSCTL_SET_OBJECT_ID",
	FSCTLGetObjectID:                     "FSCTL_GET_OBJECT_ID",
	FSCTLDeleteObjectID:                  "FSCTL_DELETE_OBJECT_ID",
	FSCTLSetReparsePoint:                 "FSCTL_SET_REPARSE_POINT",
	FSCTLGetReparsePoint:                 "FSCTL_GET_REPARSE_POINT",
	FSCTLDeleteReparsePoint:              "FSCTL_DELETE_REPARSE_POINT",
	FSCTLSetObjectIDExtended:             "FSCTL_SET_OBJECT_ID_EXTENDED",
	FSCTLCreateOrGetObjectID:             "FSCTL_CREATE_OR_GET_OBJECT_ID",
	FSCTLSetSparse:                       "FSCTL_SET_SPARSE",
	FSCTLSetEncryption:                   "FSCTL_SET_ENCRYPTION",
	FSCTLReadFileUSNData:                 "FSCTL_READ_FILE_USN_DATA",
	FSCTLWriteUSNCloseRecord:             "FSCTL_WRITE_USN_CLOSE_RECORD",
	FSCTLExtendVolume:                    "FSCTL_EXTEND_VOLUME",
	FSCTLMarkHandle:                      "FSCTL_MARK_HANDLE",
	FSCTLSISCopyFile:                     "FSCTL_SIS_COPYFILE",
	FSCTLRecallFile:                      "FSCTL_RECALL_FILE",
	FSCTLFilePrefetch:                    "FSCTL_FILE_PREFETCH",
	FSCTLQuerySparingInfo:                "FSCTL_QUERY_SPARING_INFO",
	FSCTLQueryOnDiskVolumeInfo:           "FSCTL_QUERY_ON_DISK_VOLUME_INFO",
	FSCTLSetZeroOnDeallocation:           "FSCTL_SET_ZERO_ON_DEALLOCATION",
	FSCTLShrinkVolume:                    "FSCTL_SHRINK_VOLUME",
	FSCTLSDGlobalChange:                  "FSCTL_SD_GLOBAL_CHANGE",
	FSCTLLookupStreamFromCluster:         "FSCTL_LOOKUP_STREAM_FROM_CLUSTER",
	FSCTLGetBootAreaInfo:                 "FSCTL_GET_BOOT_AREA_INFO",
	FSCTLGetRetrievalPointerBase:         "FSCTL_GET_RETRIEVAL_POINTER_BASE",
	FSCTLSetPersistentVolumeState:        "FSCTL_SET_PERSISTENT_VOLUME_STATE",
	FSCTLQueryPersistentVolumeState:      "FSCTL_QUERY_PERSISTENT_VOLUME_STATE",
	FSCTLGetIntegrityInformation:         "FSCTL_GET_INTEGRITY_INFORMATION",
	FSCTLQueryFileRegions:                "FSCTL_QUERY_FILE_REGIONS",
	FSCTLGetReFSVolumeData:               "FSCTL_GET_REFS_VOLUME_DATA",
	FSCTLQuerySharedVirtualDiskSupport:   "FSCTL_QUERY_SHARED_VIRTUAL_DISK_SUPPORT",
	FSCTLSVHDXSyncTunnelRequest:          "FSCTL_SVHDX_SYNC_TUNNEL_REQUEST",
	FSCTLStorageQoSControl:               "FSCTL_STORAGE_QOS_CONTROL",
	FSCTLSVHDXAsyncTunnelRequest:         "FSCTL_SVHDX_ASYNC_TUNNEL_REQUEST",
	FSCTLSetIntegrityInformationEx:       "FSCTL_SET_INTEGRITY_INFORMATION_EX",
	FSCTLGetRetrievalPointersAndRefcount: "FSCTL_GET_RETRIEVAL_POINTERS_AND_REFCOUNT",
	FSCTLGetRetrievalPointerCount:        "FSCTL_GET_RETRIEVAL_POINTER_COUNT",
	FSCTLReFSStreamSnapshotManagement:    "FSCTL_REFS_STREAM_SNAPSHOT_MANAGEMENT",
	FSCTLQueryAllocatedRanges:            "FSCTL_QUERY_ALLOCATED_RANGES",
	FSCTLOffloadRead:                     "FSCTL_OFFLOAD_READ",
	FSCTLSetZeroData:                     "FSCTL_SET_ZERO_DATA",
	FSCTLSetDefectManagement:             "FSCTL_SET_DEFECT_MANAGEMENT",
	FSCTLFileLevelTrim:                   "FSCTL_FILE_LEVEL_TRIM",
	FSCTLOffloadWrite:                    "FSCTL_OFFLOAD_WRITE",
	FSCTLDuplicateExtentsToFile:          "FSCTL_DUPLICATE_EXTENTS_TO_FILE",
	FSCTLDuplicateExtentsToFileEx:        "FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX",
	FSCTLSetCompression:                  "FSCTL_SET_COMPRESSION",
	FSCTLSetIntegrityInformation:         "FSCTL_SET_INTEGRITY_INFORMATION",
	FSCTLPipeWait:                        "FSCTL_PIPE_WAIT",
	FSCTLPipePeek:                        "FSCTL_PIPE_PEEK",
	FSCTLPipeTransceive:                  "FSCTL_PIPE_TRANSCEIVE",
	FSCTLSrvRequestResumeKey:             "FSCTL_SRV_REQUEST_RESUME_KEY",
	FSCTLLMRSetLinkTrackingInformation:   "FSCTL_LMR_SET_LINK_TRACKING_INFORMATION",
	FSCTLLMRRequestResiliency:            "FSCTL_LMR_REQUEST_RESILIENCY",
	FSCTLQueryNetworkInterfaceInfo:       "FSCTL_QUERY_NETWORK_INTERFACE_INFO",
	FSCTLValidateNegotiateInfo:           "FSCTL_VALIDATE_NEGOTIATE_INFO",
	FSCTLSrvEnumerateSnapshots:           "FSCTL_SRV_ENUMERATE_SNAPSHOTS",
	FSCTLSrvCopychunk:                    "FSCTL_SRV_COPYCHUNK",
	FSCTLSrvReadHash:                     "FSCTL_SRV_READ_HASH",
	FSCTLSrvCopychunkWrite:               "FSCTL_SRV_COPYCHUNK_WRITE",
}

// String gives Microsoft's spelling, or the number of a code without a name
// here.
func (c FSCTL) String() string {
	if n, ok := fsctlNames[c]; ok {
		return n
	}
	return fmt.Sprintf("FSCTL 0x%08X", uint32(c))
}
