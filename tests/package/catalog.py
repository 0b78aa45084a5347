# SPDX-License-Identifier: Apache-2.0
"""Reads a Windows catalog with asn1crypto, strictly: what is not described here is an error."""
import hashlib
import struct

from asn1crypto import algos, cms, core


class SpcString(core.Choice):
    _alternatives = [("unicode", core.BMPString, {"implicit": 0}),
                     ("ascii", core.IA5String, {"implicit": 1})]


class SpcLink(core.Choice):
    _alternatives = [("url", core.IA5String, {"implicit": 0}),
                     ("moniker", core.Sequence, {"implicit": 1}),
                     ("file", SpcString, {"explicit": 2})]


class SpcPeImageData(core.Sequence):
    _fields = [("flags", core.BitString), ("file", SpcLink, {"explicit": 0})]


class DataType(core.ObjectIdentifier):
    _map = {"1.3.6.1.4.1.311.2.1.15": "pe_image", "1.3.6.1.4.1.311.2.1.25": "flat"}


class DataAndType(core.Sequence):
    _fields = [("type", DataType), ("value", core.Any)]
    _oid_pair = ("type", "value")
    _oid_specs = {"pe_image": SpcPeImageData, "flat": SpcLink}


class SpcIndirectData(core.Sequence):
    _fields = [("data", DataAndType), ("digest", algos.DigestInfo)]


class NameValue(core.Sequence):
    _fields = [("name", core.BMPString), ("flags", core.Integer), ("value", core.OctetString)]

    def text(self):
        return self["value"].native.decode("utf-16-le")


class MemberInfo2(core.Choice):
    _alternatives = [("none", core.Null, {"implicit": 2})]


class AttributeType(core.ObjectIdentifier):
    _map = {"1.3.6.1.4.1.311.12.2.1": "name_value", "1.3.6.1.4.1.311.12.2.3": "member_info_2",
            "1.3.6.1.4.1.311.2.1.4": "indirect_data"}


class NameValues(core.SetOf):
    _child_spec = NameValue


class MemberInfos(core.SetOf):
    _child_spec = MemberInfo2


class IndirectDatas(core.SetOf):
    _child_spec = SpcIndirectData


class Attribute(core.Sequence):
    _fields = [("type", AttributeType), ("values", core.Any)]
    _oid_pair = ("type", "values")
    _oid_specs = {"name_value": NameValues, "member_info_2": MemberInfos,
                  "indirect_data": IndirectDatas}


class Attributes(core.SetOf):
    _child_spec = Attribute


class Entry(core.Sequence):
    _fields = [("tag", core.OctetString), ("attributes", Attributes)]


class Entries(core.SequenceOf):
    _child_spec = Entry


class Usage(core.SequenceOf):
    _child_spec = core.ObjectIdentifier


class Extension(core.Sequence):
    _fields = [("type", AttributeType), ("value", core.ParsableOctetString)]


class Extensions(core.SequenceOf):
    _child_spec = Extension


class SubjectAlgorithm(core.Sequence):
    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Null)]


class TrustList(core.Sequence):
    _fields = [("usage", Usage), ("identifier", core.OctetString), ("this_update", core.UTCTime),
               ("subject_algorithm", SubjectAlgorithm), ("entries", Entries),
               ("extensions", Extensions, {"explicit": 0})]


class ContentInfo(core.Sequence):
    _fields = [("content_type", core.ObjectIdentifier), ("content", core.Any, {"explicit": 0})]


class SignedData(core.Sequence):
    _fields = [("version", core.Integer), ("digest_algorithms", cms.DigestAlgorithms),
               ("content_info", ContentInfo),
               ("certificates", cms.CertificateSet, {"implicit": 0, "optional": True}),
               ("signer_infos", cms.SignerInfos)]


def read(path):
    """(the list, how many signers)"""
    info = ContentInfo.load(path.read_bytes(), strict=True)
    assert info["content_type"].dotted == "1.2.840.113549.1.7.2", "not PKCS #7 SignedData"
    data = info["content"].parse(SignedData)
    content = data["content_info"]
    assert content["content_type"].dotted == "1.3.6.1.4.1.311.10.1", "not a trust list"
    trust_list = content["content"].parse(TrustList)
    _ = trust_list.native  # everything is parsed, nothing skipped
    return trust_list, len(data["signer_infos"])


def authenticode(content, algorithm):
    """The Authenticode hash of a PE file, or the plain one of any other."""
    digest = hashlib.new(algorithm)
    if content[:2] != b"MZ":
        digest.update(content)
        return digest.digest()
    pe = struct.unpack_from("<I", content, 0x3C)[0]
    assert struct.unpack_from("<H", content, pe + 24)[0] == 0x20B, "PE32+"
    checksum, entry = pe + 24 + 64, pe + 24 + 112 + 4 * 8
    address, size = struct.unpack_from("<II", content, entry)
    address = address or len(content)
    for begin, end in ((0, checksum), (checksum + 4, entry), (entry + 8, address),
                       (address + size, len(content))):
        digest.update(content[begin:end])
    return digest.digest()
