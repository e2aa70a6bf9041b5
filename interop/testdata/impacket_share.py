"""Changes a share by remote procedures, and reads it back; sets and deletes a
value of the registry. The calls are protected as far as a level says.

Arguments: host, port, user, share, level. The password comes by standard input.
Prints one JSON object.
"""

import json
import sys

from impacket.dcerpc.v5 import rpcrt, rrp, srvs, transport
from impacket.dcerpc.v5.dtypes import MAXIMUM_ALLOWED, NULL
from impacket.ldap.ldaptypes import ACCESS_ALLOWED_ACE, ACCESS_MASK, ACE, ACL, LDAP_SID, SR_SECURITY_DESCRIPTOR

host, port, user, share, level = sys.argv[1:6]
password = sys.stdin.readline().rstrip("\n")
levels = {"none": None, "integrity": rpcrt.RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, "privacy": rpcrt.RPC_C_AUTHN_LEVEL_PKT_PRIVACY}


def bound(pipe, uuid):
    t = transport.SMBTransport(host, int(port), r"\%s" % pipe, user, password)
    dce = t.get_dce_rpc()
    if levels[level]:
        dce.set_credentials(user, password, "", "", "", "")
        dce.set_auth_type(rpcrt.RPC_C_AUTHN_WINNT)
        dce.set_auth_level(levels[level])
    dce.connect()
    dce.bind(uuid)
    return dce


def allows(sid, mask):
    """A descriptor whose one entry allows sid what mask says."""
    entry = ACE()
    entry["AceType"], entry["AceFlags"] = ACCESS_ALLOWED_ACE.ACE_TYPE, 0
    data = ACCESS_ALLOWED_ACE()
    data["Mask"] = ACCESS_MASK()
    data["Mask"]["Mask"] = mask
    data["Sid"] = LDAP_SID()
    data["Sid"].fromCanonical(sid)
    entry["Ace"] = data
    acl = ACL()
    acl["AclRevision"], acl["Sbz1"], acl["Sbz2"] = 2, 0, 0
    acl.aces = [entry]
    sd = SR_SECURITY_DESCRIPTOR()
    sd["Revision"], sd["Sbz1"], sd["Control"] = b"\x01", b"\x00", 0x8004
    sd["OwnerSid"], sd["GroupSid"], sd["Sacl"], sd["Dacl"] = b"", b"", b"", acl
    return sd.getData()


def change(number, fill):
    """The status and ParmErr of NetrShareSetInfo at a level."""
    request = srvs.NetrShareSetInfo()
    request["ServerName"], request["NetName"], request["Level"] = NULL, share + "\0", number
    request["ShareInfo"]["tag"] = number
    fill(request["ShareInfo"]["ShareInfo%d" % number])
    request["ParmErr"] = 0
    try:
        answer = dce.request(request)
    except rpcrt.DCERPCException as e:
        answer = e.get_packet()
    return [answer["ErrorCode"], answer["ParmErr"]]


def remark(info):
    info["shi1004_remark"] = "papers of all\0"


def limit(info):
    info["shi1006_max_uses"] = 7


def security(sd):
    # impacket 0.10 lays level 1501 out as if its pointer were the array.
    def fill(info):
        was = srvs.hNetrShareGetInfo(dce, share + "\0", 502)["InfoStruct"]["ShareInfo502"]
        for member in ("netname", "type", "remark", "permissions", "max_uses", "current_uses", "path"):
            info["shi502_" + member] = was["shi502_" + member]
        info["shi502_passwd"] = NULL
        info["shi502_reserved"] = len(sd)
        info["shi502_security_descriptor"] = [bytes([b]) for b in sd]

    return fill


def who():
    """The entries of the share's descriptor."""
    info = srvs.hNetrShareGetInfo(dce, share + "\0", 502)["InfoStruct"]["ShareInfo502"]
    sd = SR_SECURITY_DESCRIPTOR(data=b"".join(info["shi502_security_descriptor"]))
    return ",".join("%s=%#x" % (a["Ace"]["Sid"].formatCanonical(), a["Ace"]["Mask"]["Mask"]) for a in sd["Dacl"].aces)


result = {}
dce = bound("srvsvc", srvs.MSRPC_UUID_SRVS)
result["Changes"] = [change(1004, remark), change(1006, limit), change(502, security(allows("S-1-1-0", 0x1200A9)))]
info = srvs.hNetrShareGetInfo(dce, share + "\0", 502)["InfoStruct"]["ShareInfo502"]
result["Remark"], result["MaxUses"] = info["shi502_remark"].rstrip("\0"), info["shi502_max_uses"]
result["Who"] = who()
result["Group"] = change(502, security(allows("S-1-5-32-544", 0x1F01FF)))
result["After"] = who()

trees = srvs.hNetrConnectionEnum(dce, "IPC$\0", 1)["InfoStruct"]["ConnectInfo"]["Level1"]["Buffer"]
result["Trees"] = [t["coni1_username"].rstrip("\0") for t in trees]

dce = bound("winreg", rrp.MSRPC_UUID_RRP)
root = rrp.hOpenLocalMachine(dce)["phKey"]
path = "SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters"
key = rrp.hBaseRegOpenKey(dce, root, path, samDesired=MAXIMUM_ALLOWED)["phkResult"]
rrp.hBaseRegSetValue(dce, key, "srvcomment", rrp.REG_SZ, "by " + level)
result["Comment"] = rrp.hBaseRegQueryValue(dce, key, "srvcomment")[1].rstrip("\0")
rrp.hBaseRegDeleteValue(dce, key, "srvcomment")
print(json.dumps(result))
