"""Asks a server by remote procedures what impacket's reg.py, samrdump.py and
lookupsid.py ask.

Arguments: host, port, user. The password comes by standard input. Prints one
JSON object.
"""

import json
import sys

from impacket.dcerpc.v5 import lsad, lsat, rrp, samr, srvs, transport, wkst
from impacket.dcerpc.v5.dtypes import MAXIMUM_ALLOWED

host, port, user = sys.argv[1:4]
password = sys.stdin.readline().rstrip("\n")


def bound(pipe, uuid):
    t = transport.SMBTransport(host, int(port), r"\%s" % pipe, user, password)
    dce = t.get_dce_rpc()
    dce.connect()
    dce.bind(uuid)
    return dce


result = {}

# reg.py query: the values of a key, and the keys below another.
dce = bound("winreg", rrp.MSRPC_UUID_RRP)
root = rrp.hOpenLocalMachine(dce)["phKey"]
path = "SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters"
key = rrp.hBaseRegOpenKey(dce, root, path, samDesired=MAXIMUM_ALLOWED | rrp.KEY_QUERY_VALUE)["phkResult"]
values = {}
for i in range(1000):
    try:
        v = rrp.hBaseRegEnumValue(dce, key, i)
    except rrp.DCERPCSessionError as e:
        if e.get_error_code() != 259:  # ERROR_NO_MORE_ITEMS
            raise
        break
    data = b"".join(v["lpData"])
    values[v["lpValueNameOut"].rstrip("\0")] = [v["lpType"], data.hex()]
result["values"] = values
result["signing"] = list(rrp.hBaseRegQueryValue(dce, key, "RequireSecuritySignature"))
info = rrp.hBaseRegQueryInfoKey(dce, key)
result["count"] = info["lpcValues"]
result["version"] = rrp.hBaseRegGetVersion(dce, key)["lpdwVersion"]
services = rrp.hBaseRegOpenKey(dce, root, "SYSTEM\\CurrentControlSet\\Services")["phkResult"]
names = []
for i in range(1000):
    try:
        names.append(rrp.hBaseRegEnumKey(dce, services, i)["lpNameOut"].rstrip("\0"))
    except rrp.DCERPCSessionError as e:
        if e.get_error_code() != 259:
            raise
        break
result["services"] = names
rrp.hBaseRegCloseKey(dce, key)

# samrdump.py
dce = bound("samr", samr.MSRPC_UUID_SAMR)
server = samr.hSamrConnect(dce)["ServerHandle"]
domains = samr.hSamrEnumerateDomainsInSamServer(dce, server)["Buffer"]["Buffer"]
sid = samr.hSamrLookupDomainInSamServer(dce, server, domains[0]["Name"])["DomainId"]
domain = samr.hSamrOpenDomain(dce, serverHandle=server, domainId=sid)["DomainHandle"]
users = {}
for u in samr.hSamrEnumerateUsersInDomain(dce, domain)["Buffer"]["Buffer"]:
    h = samr.hSamrOpenUser(dce, domain, samr.MAXIMUM_ALLOWED, u["RelativeId"])["UserHandle"]
    about = samr.hSamrQueryInformationUser2(dce, h, samr.USER_INFORMATION_CLASS.UserAllInformation)["Buffer"]["All"]
    users[u["Name"]] = [u["RelativeId"], about["UserName"], about["UserAccountControl"]]
    samr.hSamrCloseHandle(dce, h)
result["users"] = users

# lookupsid.py
dce = bound("lsarpc", lsat.MSRPC_UUID_LSAT)
policy = lsad.hLsarOpenPolicy2(dce, MAXIMUM_ALLOWED | lsat.POLICY_LOOKUP_NAMES)["PolicyHandle"]
machine = lsad.hLsarQueryInformationPolicy2(
    dce, policy, lsad.POLICY_INFORMATION_CLASS.PolicyAccountDomainInformation
)["PolicyInformation"]["PolicyAccountDomainInfo"]["DomainSid"].formatCanonical()
result["same_sid"] = machine == sid.formatCanonical()
found = lsat.hLsarLookupSids2(dce, policy, [machine + "-%d" % rid for rid in (1000, 1001)] + ["S-1-5-32-544"])
result["names"] = [n["Name"] for n in found["TranslatedNames"]["Names"]]
result["caller"] = lsat.hLsarGetUserName(dce)["UserName"]

dce = bound("wkssvc", wkst.MSRPC_UUID_WKST)
result["workgroup"] = wkst.hNetrWkstaGetInfo(dce, 100)["WkstaInfo"]["WkstaInfo100"]["wki100_langroup"].rstrip("\0")
dce = bound("srvsvc", srvs.MSRPC_UUID_SRVS)
result["shares"] = [s["shi2_netname"].rstrip("\0") for s in srvs.hNetrShareEnum(dce, 2)["InfoStruct"]["ShareInfo"]["Level2"]["Buffer"]]
result["sessions"] = [s["sesi10_username"].rstrip("\0") for s in srvs.hNetrSessionEnum(dce, "\0", "\0", 10)["InfoStruct"]["SessionInfo"]["Level10"]["Buffer"]]
print(json.dumps(result))
