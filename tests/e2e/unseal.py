"""Opens what the daemon sealed, with OpenSSL and nothing of the daemon's:
AES-256-GCM (NIST SP 800-38D) under a key made from one of a file's hex lines. A
sealed value is the key's id (of SHA-256 of the key), a nonce, the ciphertext
and the tag; column, row and site are associated data.
"""
import ctypes
import ctypes.util
import hashlib
import hmac
import struct

ID, NONCE, TAG = 4, 12, 16
SET_TAG = 0x11  # EVP_CTRL_AEAD_SET_TAG

crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for name in ("EVP_CIPHER_CTX_new", "EVP_aes_256_gcm"):
    getattr(crypto, name).restype = ctypes.c_void_p


class Refused(Exception):
    """Another key, another place, or other bytes."""


def keys(path):
    with open(path, encoding="ascii") as f:
        found = [hmac.digest(bytes.fromhex(line), b"teleconsult field", "sha256")
                 for line in f.read().split()]
    return {hashlib.sha256(key).digest()[:ID]: key for key in found}


def gcm_open(key, nonce, aad, sealed, tag):
    context = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new())
    plain = ctypes.create_string_buffer(len(sealed) + 1)
    n = ctypes.c_int()
    try:
        if not (crypto.EVP_DecryptInit_ex(
                    context, ctypes.c_void_p(crypto.EVP_aes_256_gcm()), None,
                    key, nonce)
                and crypto.EVP_DecryptUpdate(context, None, ctypes.byref(n),
                                             aad, len(aad))
                and crypto.EVP_DecryptUpdate(context, plain, ctypes.byref(n),
                                             sealed, len(sealed))
                and crypto.EVP_CIPHER_CTX_ctrl(context, SET_TAG, TAG, tag)
                and crypto.EVP_DecryptFinal_ex(context, plain,
                                               ctypes.byref(n))):
            raise Refused
    finally:
        crypto.EVP_CIPHER_CTX_free(context)
    return plain.raw[:len(sealed)]


def unseal(found, column, row, site, value):
    key = found.get(value[:ID])
    if key is None or len(value) < ID + NONCE + TAG:
        raise Refused
    return gcm_open(key, value[ID:ID + NONCE],
                    column.encode() + b"\0" + struct.pack(">qq", row, site),
                    value[ID + NONCE:-TAG], value[-TAG:])
