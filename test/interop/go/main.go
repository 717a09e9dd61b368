// Command peer is the other end of the tests with Go's crypto/tls. It prints one line of JSON for what
// it has to say.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
)

var (
	port  = flag.Int("port", 0, "connects to this port; 0 makes it a server")
	ca    = flag.String("ca", "", "file with the authority's certificate")
	cert  = flag.String("cert", "", "file with a certificate")
	key   = flag.String("key", "", "file with its key")
	curve = flag.Int("curve", 0, "code point of the only group; 0 for Go's defaults")
	size  = flag.Int("size", 1000, "bytes that a client sends and wants back")
)

func main() {
	flag.Parse()
	log.SetFlags(0)
	config := &tls.Config{ServerName: "localhost", RootCAs: pool(), ClientCAs: pool()}
	if file := os.Getenv("SSLKEYLOGFILE"); file != "" {
		log, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0600)
		check(err)
		config.KeyLogWriter = log
	}
	if *curve != 0 {
		config.CurvePreferences = []tls.CurveID{tls.CurveID(*curve)}
	}
	if *cert != "" {
		pair, err := tls.LoadX509KeyPair(*cert, *key)
		check(err)
		config.Certificates = []tls.Certificate{pair}
		config.ClientAuth = tls.VerifyClientCertIfGiven
	}
	if *port == 0 {
		serve(config)
	} else {
		fetch(config)
	}
}

// serve sends back what it gets, until the client ends.
func serve(config *tls.Config) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	say(map[string]any{"port": listener.Addr().(*net.TCPAddr).Port})
	for {
		raw, err := listener.Accept()
		check(err)
		go func() {
			conn := tls.Server(raw, config)
			defer conn.Close()
			if err := conn.Handshake(); err != nil {
				say(map[string]any{"error": err.Error()})
				return
			}
			tell(conn)
			_, err := io.Copy(conn, conn)
			say(map[string]any{"end": err == nil})
		}()
	}
}

// fetch sends data and compares what comes back.
func fetch(config *tls.Config) {
	conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", *port), config)
	if err != nil {
		say(map[string]any{"error": err.Error()})
		return
	}
	defer conn.Close()
	tell(conn)
	data := bytes.Repeat([]byte{'g', 'o'}, *size/2)
	go func() {
		conn.Write(data)
		conn.CloseWrite()
	}()
	echo, err := io.ReadAll(conn)
	say(map[string]any{"end": err == nil, "intact": bytes.Equal(echo, data)})
}

func tell(conn *tls.Conn) {
	state := conn.ConnectionState()
	peer := ""
	if len(state.PeerCertificates) > 0 {
		peer = state.PeerCertificates[0].Subject.CommonName
	}
	say(map[string]any{
		"group":  int(state.CurveID),
		"cipher": tls.CipherSuiteName(state.CipherSuite),
		"peer":   peer,
	})
}

func pool() *x509.CertPool {
	pem, err := os.ReadFile(*ca)
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return roots
}

func say(what map[string]any) {
	line, err := json.Marshal(what)
	check(err)
	fmt.Println(string(line))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
