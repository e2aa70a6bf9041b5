"""Signs in with impacket's SMB client once for each case, and tells how it fared.

Arguments: host, port, share, and the command line that prints the server's
status. Standard input is a JSON list of cases: user, password, dialect,
require (the client sends the REQUIRED bit), sign (False: it stops signing once
it is signed in), tree (what it connects to). Prints a JSON list: the step at
which a case ended ("sign in", "connect", "list", or "" if all went well), its
status, and the server's status while connected.

impacket does not by itself require signing, nor can it be told not to sign
where a server requires it, so both are done to its innards.
"""

import json
import subprocess
import sys
import time

from impacket import smb3structs
from impacket.smbconnection import SMBConnection, SessionError

host, port, share = sys.argv[1:4]
status_command = sys.argv[4:]
deadline = time.monotonic() + 240
dialects = {"2.0.2": smb3structs.SMB2_DIALECT_002, "2.1": smb3structs.SMB2_DIALECT_21}


def status():
    return json.loads(subprocess.check_output(status_command))


def fare(case):
    while case["alone"] and status()["Sessions"]:  # who just left may not be missed yet
        if time.monotonic() > deadline:
            sys.exit("somebody is still signed in")
    smb = SMBConnection(host, host, sess_port=int(port), preferredDialect=dialects[case["dialect"]])
    inner = smb.getSMBServer()
    if case["require"]:
        inner.RequireMessageSigning = True
        inner._Connection["RequireSigning"] = True
    step = "sign in"
    try:
        smb.login(case["user"], case["password"])
        if not case["sign"]:
            inner._Session["SigningActivated"] = False
        step = "connect"
        tree = smb.connectTree(case["tree"])
        if case["tree"] == share:
            step = "list"
            smb.listPath(share, "*")
        seen = status()
        smb.disconnectTree(tree)
    except SessionError as e:
        return {"step": step, "code": e.getErrorCode()}
    finally:
        smb.close()
    return {"step": "", "code": 0, "status": seen}


json.dump([fare(c) for c in json.load(sys.stdin)], sys.stdout)
