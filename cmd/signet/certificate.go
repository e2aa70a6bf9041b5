package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/internal/statedir"
)

// certificateFile is where the certificate and its key are that the
// administration makes for itself, readable by its owner only.
const certificateFile = "admin.pem"

// certificateTime is how long it is good for: whoever has compared its
// fingerprint once should not have to again.
const certificateTime = 10 * 365 * 24 * time.Hour

// ownCertificate returns the certificate in the state directory, or makes one
// there for these names if there is none, or none that is good any more.
func ownCertificate(dir *statedir.Dir, names []string) (*tls.Certificate, error) {
	data, err := dir.ReadFile(certificateFile, maxPEMBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		pair, err := tls.X509KeyPair(data, data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: remove it to get a new one", dir.File(certificateFile), err)
		}
		if time.Now().Before(pair.Leaf.NotAfter) {
			return &pair, nil
		}
	}
	if data, err = makeCertificate(names); err != nil {
		return nil, err
	}
	defer clear(data)
	if err := dir.WriteFile(certificateFile, data); err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(data, data)
	return &pair, err
}

// makeCertificate returns a new certificate that signs itself, and its key.
func makeCertificate(names []string) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	names = slices.Compact(append([]string{"localhost"}, names...))
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "Signet administration"},
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     now.Add(certificateTime),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     names,
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if ip := net.ParseIP(firstAddress()); ip != nil {
		template.IPAddresses = append(template.IPAddresses, ip)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	var out bytes.Buffer
	err = errors.Join(
		pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.Encode(&out, &pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	return out.Bytes(), err
}

// fingerprintOf is the SHA-256 of a certificate, as browsers show it.
func fingerprintOf(pair *tls.Certificate) string {
	sum := sha256.Sum256(pair.Certificate[0])
	return strings.ReplaceAll(strings.ToUpper(fmt.Sprintf("% x", sum)), " ", ":")
}
