"""Makes an authority and certificates of servers under it (X.509, RFC 5280). Writes no file.

    authority   ten years, may sign servers only, and only for the names below
    server      397 days, for the names it was asked for

The authority is installed on phones, which then believe whatever it signs. So that whoever steals
its key cannot stand in for a bank, its certificate permits our own names, and addresses that
are nobody's on the internet (name constraints, RFC 5280, 4.2.1.10; held by Android, iOS, OpenSSL
and Go).
"""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dispatch.tls.folder import Pair
from dispatch.tls.names import Name

AUTHORITY_DAYS: Final = 3650
"""As long as phones and their batteries last; to install another one is a walk to each of them."""
SERVER_DAYS: Final = 397
"""What browsers allow certificates of public authorities, too: a year and a month to renew in."""
SERVER_DAYS_MAX: Final = 825
"""iOS takes no certificate that holds for longer, whoever signed it."""
BEGINS_BEFORE: Final = datetime.timedelta(days=1)
"""For phones whose clock is behind."""
COMMON_NAME_LENGTH_MAX: Final = 64
"""RFC 5280, ub-common-name."""

OWN_NETWORKS: Final = tuple(
    ipaddress.ip_network(each)
    for each in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8"),
        *("100.64.0.0/10", "fc00::/7", "fe80::/10", "::1/128"),
    )
)
"""Addresses that mean another machine in each house: an address that changes needs no new
authority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a certificate says, as far as people ask."""

    names: tuple[Name, ...]
    ends: datetime.datetime
    fingerprint: str
    """SHA-256, as phones show it: ``AB:12:...``."""


def make_authority(title: str, names: Sequence[Name], now: datetime.datetime) -> Pair:
    """An authority called so, for servers of these names."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(title)
    made = (
        _builder(subject, subject, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(_permitted(names), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _pair(made, key)


def make_server(
    authority: Pair, names: Sequence[Name], now: datetime.datetime, *, days: int = SERVER_DAYS
) -> Pair:
    """A server's certificate under the authority. Raises ValueError where it may not sign that."""
    assert names
    assert 0 < days <= SERVER_DAYS_MAX
    signer, signing = _read(authority)
    for name in names:
        if not covers(authority.certificate, name):
            raise ValueError(f"the authority may not sign for {name}")
    key = ec.generate_private_key(ec.SECP256R1())
    above = x509.SubjectKeyIdentifier.from_public_key(signing.public_key())
    made = (
        _builder(_subject(str(names[0])), signer.subject, key, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(n) for n in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above), critical=False
        )
        .sign(signing, hashes.SHA256())
    )
    return _pair(made, key)


def read_told(certificate: bytes) -> Told:
    """What the first certificate of a PEM text says. Raises ValueError where there is none."""
    found = x509.load_pem_x509_certificates(certificate)[0]
    try:
        alternative = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names: list[Name] = [*alternative.get_values_for_type(x509.DNSName)]
        addresses = alternative.get_values_for_type(x509.IPAddress)
        names += [each for each in addresses if isinstance(each, IPv4Address | IPv6Address)]
    except x509.ExtensionNotFound:
        names = []
    return Told(
        names=tuple(names),
        ends=found.not_valid_after_utc,
        fingerprint=found.fingerprint(hashes.SHA256()).hex(":").upper(),
    )


def covers(authority: bytes, name: Name) -> bool:
    """Whether the authority may sign for this name."""
    found = x509.load_pem_x509_certificates(authority)[0]
    try:
        limits = found.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return True
    for each in limits.permitted_subtrees or ():
        match each.value:
            case str() as domain if isinstance(name, str):
                if name == domain or name.endswith(f".{domain}"):
                    return True
            case ipaddress.IPv4Network() | ipaddress.IPv6Network() as network if not isinstance(
                name, str
            ):
                if name in network:
                    return True
    return False


def as_der(certificate: bytes) -> bytes:
    """The first certificate of a PEM text, as phones take it."""
    found = x509.load_pem_x509_certificates(certificate)[0]
    return found.public_bytes(serialization.Encoding.DER)


# --- pieces ---


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEGINS_BEFORE)
        .not_valid_after(now - BEGINS_BEFORE + datetime.timedelta(days=days))
    )


def _subject(title: str) -> x509.Name:
    short = title[:COMMON_NAME_LENGTH_MAX]
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, short)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _permitted(names: Sequence[Name]) -> x509.NameConstraints:
    """Where no name is said at all, none but localhost: what is not named is not limited."""
    domains = [each for each in names if isinstance(each, str)]
    single = [
        ipaddress.ip_network(each)
        for each in names
        if not isinstance(each, str) and not any(each in own for own in OWN_NETWORKS)
    ]
    permitted: list[x509.GeneralName] = [
        x509.DNSName(each) for each in dict.fromkeys([*domains, "localhost"])
    ]
    permitted += [x509.IPAddress(each) for each in (*OWN_NETWORKS, *single)]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def _general(name: Name) -> x509.GeneralName:
    return x509.DNSName(name) if isinstance(name, str) else x509.IPAddress(name)


def _read(pair: Pair) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Raises ValueError where they are no authority's, or not of one another."""
    found = x509.load_pem_x509_certificates(pair.certificate)[0]
    key = serialization.load_pem_private_key(pair.key, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the authority's key is of another kind")
    if key.public_key() != found.public_key():
        raise ValueError("the authority's key is not that of its certificate")
    return found, key


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    return Pair(
        certificate=certificate.public_bytes(serialization.Encoding.PEM),
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
