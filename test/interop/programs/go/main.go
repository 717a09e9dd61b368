// Command peer is Go's crypto/tls as an end of a run. It sends what it reads, and prints what it is sent. A line
// "Q" alone closes the connection, "H" only its own direction.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"strings"
)

var (
	port        = flag.Int("port", 0, "connects to this port; 0 makes it a server")
	name        = flag.String("name", "localhost", "of the server")
	ca          = flag.String("ca", "", "file with the authority's certificate")
	certificate = flag.String("certificate", "", "file with a certificate")
	key         = flag.String("key", "", "file with its key")
	keyLog      = flag.String("key-log", "", "file for secrets")
	groups      = flag.String("groups", "", "names with commas between them")
	alpn        = flag.String("alpn", "", "names with commas between them")
	exporter    = flag.String("exporter", "", "label")
	require     = flag.Bool("require-client", false, "a client must have a certificate")
	version     = flag.Bool("version", false, "says it and ends")
	halfOpen    = flag.Bool("half-open", false, "goes on when the other direction has ended")
	tickets     = flag.Bool("tickets", false, "a server gives tickets, a client connects again with one")
)

var curves = map[string]tls.CurveID{
	"X25519":             tls.X25519,
	"P256":               tls.CurveP256,
	"P384":               tls.CurveP384,
	"P521":               tls.CurveP521,
	"X25519MLKEM768":     tls.X25519MLKEM768,
	"SecP256r1MLKEM768":  tls.SecP256r1MLKEM768,
	"SecP384r1MLKEM1024": tls.SecP384r1MLKEM1024,
}

func main() {
	flag.Parse()
	log.SetFlags(0)
	if *version {
		fmt.Println(runtime.Version())
		return
	}
	config := &tls.Config{
		ServerName:             *name,
		RootCAs:                pool(),
		ClientCAs:              pool(),
		MinVersion:             tls.VersionTLS13,
		SessionTicketsDisabled: !*tickets,
	}
	if *keyLog != "" {
		file, err := os.OpenFile(*keyLog, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		check(err)
		config.KeyLogWriter = file
	}
	if *groups != "" {
		for _, group := range strings.Split(*groups, ",") {
			config.CurvePreferences = append(config.CurvePreferences, curves[group])
		}
	}
	if *alpn != "" {
		config.NextProtos = strings.Split(*alpn, ",")
	}
	if *certificate != "" {
		pair, err := tls.LoadX509KeyPair(*certificate, *key)
		check(err)
		config.Certificates = []tls.Certificate{pair}
	}
	if *require {
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	said := read()
	if *port == 0 {
		serve(config, said)
		return
	}
	if *tickets {
		config.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	}
	connect(config, said)
	if *tickets {
		connect(config, said)
	}
}

func serve(config *tls.Config, said <-chan []byte) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Fprintf(os.Stderr, "listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	for {
		raw, err := listener.Accept()
		check(err)
		converse(tls.Server(raw, config), said)
	}
}

func connect(config *tls.Config, said <-chan []byte) {
	raw, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	check(err)
	converse(tls.Client(raw, config), said)
}

func converse(conn *tls.Conn, said <-chan []byte) {
	defer conn.Close()
	if err := conn.Handshake(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	if *exporter != "" {
		state := conn.ConnectionState()
		secret, err := state.ExportKeyingMaterial(*exporter, nil, 32)
		check(err)
		fmt.Fprintf(os.Stderr, "exported %s\n", hex.EncodeToString(secret))
	}
	over := make(chan struct{})
	go func() {
		io.Copy(os.Stdout, conn)
		if !*halfOpen {
			close(over)
		}
	}()
	for {
		select {
		case <-over:
			return
		case bytes := <-said:
			switch string(bytes) {
			case "Q\n":
				return
			case "H\n":
				conn.CloseWrite()
			default:
				conn.Write(bytes)
			}
		}
	}
}

// read gives the standard input piece by piece.
func read() <-chan []byte {
	said := make(chan []byte)
	go func() {
		for {
			buffer := make([]byte, 1<<16)
			n, err := os.Stdin.Read(buffer)
			if err != nil {
				return
			}
			said <- buffer[:n]
		}
	}()
	return said
}

func pool() *x509.CertPool {
	pem, err := os.ReadFile(*ca)
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return roots
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
