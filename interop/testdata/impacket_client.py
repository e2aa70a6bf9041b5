"""Works through a fixed list of operations with impacket's SMB client.

Arguments: host, port, user, dialect ("2.0.2", "2.1", "3.0"), share, the local
folder to put, the local folder to get into, and the command line that prints
the server's status. The password comes by standard input. Prints one JSON
object: what a recursive listing showed, path with slashes to size, -1 for a
folder; and the status while connected.
"""

import json
import os
import subprocess
import sys

from impacket import smb3structs
from impacket.smbconnection import SMBConnection

host, port, user, dialect, share, out, back = sys.argv[1:8]
status_command = sys.argv[8:]
password = sys.stdin.readline().rstrip("\n")
dialects = {
    "2.0.2": smb3structs.SMB2_DIALECT_002,
    "2.1": smb3structs.SMB2_DIALECT_21,
    "3.0": smb3structs.SMB2_DIALECT_30,
}

smb = SMBConnection(host, host, sess_port=int(port), preferredDialect=dialects[dialect])
smb.login(user, password)


def remote(*parts):
    return "\\".join(p.replace("/", "\\") for p in parts if p)


def listed(folder):
    found = {}
    for e in smb.listPath(share, remote(folder, "*")):
        if e.get_longname() in (".", ".."):
            continue
        name = os.path.join(folder, e.get_longname())
        found[name] = -1 if e.is_directory() else e.get_filesize()
        if e.is_directory():
            found.update(listed(name))
    return found


for folder, folders, files in os.walk(out):
    below = os.path.relpath(folder, out)
    below = "" if below == "." else below
    for f in folders:
        smb.createDirectory(share, remote(below, f))
    for f in files:
        with open(os.path.join(folder, f), "rb") as data:
            smb.putFile(share, remote(below, f), data.read)

tree = listed("")
for name, size in tree.items():
    local = os.path.join(back, name)
    os.makedirs(local if size < 0 else os.path.dirname(local), exist_ok=True)
    if size >= 0:
        with open(local, "wb") as data:
            smb.getFile(share, remote(name), data.write)

status = json.loads(subprocess.check_output(status_command))

smb.rename(share, "readme.txt", "renamed.txt")
smb.deleteFile(share, "nothing")
smb.createDirectory(share, "new")
smb.rename(share, "new", "old")
smb.createDirectory(share, "gone")
smb.deleteDirectory(share, "gone")
smb.logoff()

json.dump({"tree": tree, "status": status}, sys.stdout)
