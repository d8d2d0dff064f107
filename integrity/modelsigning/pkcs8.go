package modelsigning

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// The structures of an encrypted private key: RFC 5958, section 3, and RFC 8018,
// appendix A.
type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2Params struct {
	KDF, Cipher pkix.AlgorithmIdentifier
}

type pbkdf2Params struct {
	Salt       []byte
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}

	hmacs = map[string]func() hash.Hash{
		"1.2.840.113549.2.7":  sha1.New,
		"1.2.840.113549.2.9":  sha256.New,
		"1.2.840.113549.2.10": sha512.New384,
		"1.2.840.113549.2.11": sha512.New,
	}
	// keyLengths are of AES in CBC mode, in bytes.
	keyLengths = map[string]int{
		"2.16.840.1.101.3.4.1.2":  16,
		"2.16.840.1.101.3.4.1.22": 24,
		"2.16.840.1.101.3.4.1.42": 32,
	}
)

// maxIterations keeps a key file from holding the processor for hours: openssl
// writes 2,048, others up to a few million.
const maxIterations = 100_000_000

// convert says what to do with a key that is encrypted in another way.
const convert = "convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc"

// decryptPKCS8 decrypts what openssl and others write by default: PBES2 with PBKDF2
// and AES in CBC mode.
func decryptPKCS8(der, password []byte) ([]byte, error) {
	if len(password) == 0 {
		return nil, errors.New("is encrypted: give --password-file")
	}
	var key encryptedKey
	var scheme pbes2Params
	if rest, err := asn1.Unmarshal(der, &key); err != nil || len(rest) > 0 {
		return nil, errors.New("is no encrypted PKCS #8 key")
	}
	if !key.Algorithm.Algorithm.Equal(oidPBES2) {
		return nil, fmt.Errorf("is encrypted with %s, not with PBES2: %s", key.Algorithm.Algorithm, convert)
	}
	if _, err := asn1.Unmarshal(key.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return nil, fmt.Errorf("parameters of PBES2: %w", err)
	}
	var kdf pbkdf2Params
	if !scheme.KDF.Algorithm.Equal(oidPBKDF2) {
		return nil, fmt.Errorf("is encrypted with the key derivation %s, not with PBKDF2: %s", scheme.KDF.Algorithm, convert)
	}
	if _, err := asn1.Unmarshal(scheme.KDF.Parameters.FullBytes, &kdf); err != nil {
		return nil, fmt.Errorf("parameters of PBKDF2: %w", err)
	}
	newHash := sha1.New // the default (RFC 8018, appendix A.2)
	if len(kdf.PRF.Algorithm) > 0 {
		if newHash = hmacs[kdf.PRF.Algorithm.String()]; newHash == nil {
			return nil, fmt.Errorf("is encrypted with the hash %s: %s", kdf.PRF.Algorithm, convert)
		}
	}
	length, ok := keyLengths[scheme.Cipher.Algorithm.String()]
	if !ok {
		return nil, fmt.Errorf("is encrypted with the cipher %s, not with AES-CBC: %s", scheme.Cipher.Algorithm, convert)
	}
	if kdf.Iterations < 1 || kdf.Iterations > maxIterations {
		return nil, fmt.Errorf("%d iterations of PBKDF2: want 1 to %d", kdf.Iterations, maxIterations)
	}
	var iv []byte
	if _, err := asn1.Unmarshal(scheme.Cipher.Parameters.FullBytes, &iv); err != nil || len(iv) != aes.BlockSize {
		return nil, errors.New("parameters of AES: want an initialization vector of 16 bytes")
	}
	secret, err := pbkdf2.Key(newHash, string(password), kdf.Salt, kdf.Iterations, length)
	if err != nil {
		return nil, err
	}
	return decryptCBC(secret, iv, key.Data)
}

var errPassword = errors.New("cannot be decrypted: the password is wrong")

func decryptCBC(secret, iv, data []byte) ([]byte, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, errors.New("is encrypted, but its length is no multiple of 16 bytes")
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > aes.BlockSize {
		return nil, errPassword
	}
	for _, c := range plain[len(plain)-pad:] {
		if int(c) != pad {
			return nil, errPassword
		}
	}
	return plain[:len(plain)-pad], nil
}
