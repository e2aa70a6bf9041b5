"""Runs a script of impacket's, ntlmrelayx.py, as it is.

Arguments: the port of its shell, the script, the script's own arguments. By
itself it takes port 11000 for the shell, which somebody else may have. And it
wants a module for its attacks on LDAP that Debian does not have; nobody calls
that here, so empty names will do.
"""

import importlib.util
import runpy
import sys
import types

if importlib.util.find_spec("dsinternals") is None:
    for module, name in (
        ("dsinternals.system.Guid", "Guid"),
        ("dsinternals.system.DateTime", "DateTime"),
        ("dsinternals.common.cryptography.X509Certificate2", "X509Certificate2"),
        ("dsinternals.common.data.hello.KeyCredential", "KeyCredential"),
    ):
        parts = module.split(".")
        for i in range(1, len(parts) + 1):
            sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
        setattr(sys.modules[module], name, None)

from impacket.examples.ntlmrelayx.utils import tcpshell

tcpshell.port = int(sys.argv[1])
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
