"""A real OpenLDAP server with people in it, in a folder and on ports of its own.

It lets in whoever shows a name and no password, as nobody (`bind_anon_dn`): a client that takes
this for a proof is found out.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path
from types import TracebackType

import trustme

from tests.e2e.house import free_port, until

SUFFIX = "dc=example,dc=co,dc=jp"
PEOPLE = f"ou=people,{SUFFIX}"
GATE = f"cn=gate,{SUFFIX}"
PASSWORD, ASCII, SECRET = "p w (パス)*", "only letters", "the gate's own"

_SETTINGS = """include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
allow bind_anon_dn
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.pem
database mdb
suffix "{suffix}"
directory {folder}/db
maxsize 10485760
access to attrs=userPassword by anonymous auth by * none
access to * by * read
"""
_PEOPLE = f"""dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: example
o: example

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {GATE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: gate
userPassword: {SECRET}

dn: ou=elsewhere,{PEOPLE}
objectClass: referral
objectClass: extensibleObject
ou: elsewhere
ref: ldap://127.0.0.1:1/{PEOPLE}

"""
_PERSON = """dn: cn={cn},{place}
objectClass: inetOrgPerson
cn: {cn}
sn: {cn}
uid: {uid}
mail: {mail}
userPassword: {password}

"""


def _people() -> str:
    people = (
        ("taro", "taro", "Taro@Example.co.jp", PASSWORD),
        ("hanako", "hanako", "hanako@example.co.jp", ASCII),
        ("double 1", "double", "double1@example.co.jp", PASSWORD),
        ("double 2", "double", "double2@example.co.jp", PASSWORD),
    )
    return _PEOPLE + "".join(
        _PERSON.format(cn=cn, uid=uid, mail=mail, place=PEOPLE, password=password)
        for cn, uid, mail, password in people
    )


class Slapd:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = free_port(), free_port()
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        issued = authority.issue_cert("127.0.0.1")
        issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
        (folder / "db").mkdir()
        (folder / "people.ldif").write_text(_people(), "utf-8")
        (folder / "conf").write_text(_SETTINGS.format(folder=folder, suffix=SUFFIX))

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def plain(self) -> str:
        return f"ldap://127.0.0.1:{self._ports[0]}"

    @property
    def tls(self) -> str:
        return f"ldaps://127.0.0.1:{self._ports[1]}"

    def __enter__(self) -> Slapd:
        slapd = shutil.which("slapd", path="/usr/sbin") or "slapd"
        conf = ["-f", str(self.folder / "conf")]
        people = str(self.folder / "people.ldif")
        subprocess.run([slapd, "-T", "add", *conf, "-l", people], check=True, capture_output=True)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [slapd, *conf, "-h", f"{self.plain} {self.tls}", "-d", "0"], stdout=log, stderr=log
            )
        until(self._answers, 30, saying="slapd does not answer")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(30)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._ports[1]), 1):
                return True
        except OSError:
            return False
