// Prints a small PKI with lists and OCSP responses as Go writes them, and with it Let's Encrypt's Boulder: lists in
// shards, whose distribution point is critical, and responses by SHA-1 and key hash. `go run . > ../made-by-go.json`
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"os"
	"time"

	"golang.org/x/crypto/ocsp"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

type entity struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

var now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
var serial = int64(1000)

func issue(name string, issuer *entity, change func(*x509.Certificate)) *entity {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	serial++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{Country: []string{"US"}, Organization: []string{"Example"}, CommonName: name},
		NotBefore:    now.AddDate(0, -1, 0),
		NotAfter:     now.AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	change(template)
	if issuer == nil {
		issuer = &entity{template, key}
	}
	der := must(x509.CreateCertificate(rand.Reader, template, issuer.certificate, &key.PublicKey, issuer.key))
	return &entity{must(x509.ParseCertificate(der)), key}
}

func authority(template *x509.Certificate) {
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
}

// As Boulder's crl/idp: the shard's URL, and onlyContainsUserCerts.
func shard(url string) pkix.Extension {
	type fullName struct {
		Names []asn1.RawValue `asn1:"optional,tag:0"`
	}
	type point struct {
		Name     fullName `asn1:"optional,tag:0"`
		OnlyUser bool     `asn1:"optional,tag:1"`
	}
	uri := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(url)}
	value := must(asn1.Marshal(point{fullName{[]asn1.RawValue{uri}}, true}))
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: value}
}

func main() {
	const first, second = "http://r1.c.example/17.crl", "http://r1.c.example/18.crl"
	root := issue("Root", nil, authority)
	ca := issue("R1", root, authority)
	leaf := issue("a.example", ca, func(template *x509.Certificate) {
		template.DNSNames = []string{"a.example"}
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		template.CRLDistributionPoints = []string{first}
	})
	noCheck := pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}}
	responder := issue("OCSP Responder", ca, func(template *x509.Certificate) {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		template.ExtraExtensions = []pkix.Extension{noCheck}
	})

	list := func(url string, entries ...x509.RevocationListEntry) []byte {
		return must(x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
			Number:                    big.NewInt(now.UnixNano()),
			ThisUpdate:                now.Add(-time.Hour),
			NextUpdate:                now.AddDate(0, 0, 9),
			RevokedCertificateEntries: entries,
			ExtraExtensions:           []pkix.Extension{shard(url)},
		}, ca.certificate, ca.key))
	}
	revoked := x509.RevocationListEntry{
		SerialNumber: leaf.certificate.SerialNumber, RevocationTime: now.Add(-2 * time.Hour), ReasonCode: 4,
	}
	other := x509.RevocationListEntry{SerialNumber: big.NewInt(77), RevocationTime: now.Add(-2 * time.Hour)}

	respond := func(status int, by *entity, change func(*ocsp.Response)) []byte {
		template := ocsp.Response{
			Status: status, SerialNumber: leaf.certificate.SerialNumber,
			ThisUpdate: now.Add(-time.Hour), NextUpdate: now.AddDate(0, 0, 7),
		}
		if status == ocsp.Revoked {
			template.RevokedAt, template.RevocationReason = now.Add(-2*time.Hour), ocsp.KeyCompromise
		}
		if by != ca {
			template.Certificate = by.certificate
		}
		change(&template)
		return must(ocsp.CreateResponse(ca.certificate, by.certificate, template, by.key))
	}
	as := func(*ocsp.Response) {}
	sha256 := func(template *ocsp.Response) { template.IssuerHash = crypto.SHA256 }
	noNext := func(template *ocsp.Response) { template.NextUpdate = time.Time{} }

	encode := base64.StdEncoding.EncodeToString
	writer := json.NewEncoder(os.Stdout)
	writer.SetIndent("", "  ")
	if err := writer.Encode(map[string]any{
		"now":  now.UnixMilli(),
		"root": encode(root.certificate.Raw), "ca": encode(ca.certificate.Raw), "leaf": encode(leaf.certificate.Raw),
		"lists": map[string]string{
			"others":        encode(list(first, other)),
			"empty":         encode(list(first)),
			"revoked":       encode(list(first, other, revoked)),
			"another shard": encode(list(second, other)),
		},
		"responses": map[string]string{
			"good":                    encode(respond(ocsp.Good, ca, as)),
			"good, by SHA-256":        encode(respond(ocsp.Good, ca, sha256)),
			"good, by a responder":    encode(respond(ocsp.Good, responder, as)),
			"good, no nextUpdate":     encode(respond(ocsp.Good, ca, noNext)),
			"revoked":                 encode(respond(ocsp.Revoked, ca, as)),
			"revoked, by a responder": encode(respond(ocsp.Revoked, responder, as)),
			"unknown":                 encode(respond(ocsp.Unknown, ca, as)),
			"unauthorized":            encode(ocsp.UnauthorizedErrorResponse),
		},
	}); err != nil {
		panic(err)
	}
}
