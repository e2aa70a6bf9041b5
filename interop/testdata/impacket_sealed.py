"""Asks a server by remote procedures that impacket authenticates, and protects
as far as a level says.

Arguments: host, port, the session's user, the user of the calls, level. The two
passwords come by standard input, a line each. Prints one JSON object.
"""

import json
import sys

from impacket.dcerpc.v5 import lsad, lsat, rpcrt, rrp, srvs, transport
from impacket.dcerpc.v5.dtypes import MAXIMUM_ALLOWED

host, port, user, caller, level = sys.argv[1:6]
password = sys.stdin.readline().rstrip("\n")
secret = sys.stdin.readline().rstrip("\n")
levels = {
    "connect": rpcrt.RPC_C_AUTHN_LEVEL_CONNECT,
    "integrity": rpcrt.RPC_C_AUTHN_LEVEL_PKT_INTEGRITY,
    "privacy": rpcrt.RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
}


def bound(pipe, uuid):
    t = transport.SMBTransport(host, int(port), r"\%s" % pipe, user, password)
    dce = t.get_dce_rpc()
    dce.set_credentials(caller, secret, "", "", "", "")
    dce.set_auth_type(rpcrt.RPC_C_AUTHN_WINNT)
    dce.set_auth_level(levels[level])
    dce.connect()
    dce.bind(uuid)
    return dce


result = {}
dce = bound("lsarpc", lsat.MSRPC_UUID_LSAT)
lsad.hLsarOpenPolicy2(dce, MAXIMUM_ALLOWED | lsat.POLICY_LOOKUP_NAMES)
result["Caller"] = lsat.hLsarGetUserName(dce)["UserName"]

dce = bound("srvsvc", srvs.MSRPC_UUID_SRVS)
shares = srvs.hNetrShareEnum(dce, 1)["InfoStruct"]["ShareInfo"]["Level1"]["Buffer"]
result["Shares"] = [s["shi1_netname"].rstrip("\0") for s in shares]

dce = bound("winreg", rrp.MSRPC_UUID_RRP)
try:
    root = rrp.hOpenLocalMachine(dce)["phKey"]
    path = "SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters"
    key = rrp.hBaseRegOpenKey(dce, root, path, samDesired=MAXIMUM_ALLOWED)["phkResult"]
    value = rrp.hBaseRegQueryValue(dce, key, "RequireSecuritySignature")[1]
    result["Value"] = "RequireSecuritySignature=%d" % value
except rpcrt.DCERPCException as e:
    if "access_denied" not in str(e):
        raise
    result["Value"] = "refused"
print(json.dumps(result))
