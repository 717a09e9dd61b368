// Holds crypto/mlkem and crypto/ecdh against key exchanges: go run . ../../exchanges.json
// Put your own implementation in the place of client.
package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/mlkem"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
)

type exchange struct {
	Group, ClientShare, ServerShare, SharedSecret string
	PrivateKeys                                   []string
}

// client gives the share of X25519MLKEM768, and the secret that follows from the server's.
func client(seed, scalar, answer []byte) (share, secret []byte) {
	dk := must(mlkem.NewDecapsulationKey768(seed))
	key := must(ecdh.X25519().NewPrivateKey(scalar))
	share = append(dk.EncapsulationKey().Bytes(), key.PublicKey().Bytes()...)
	first := must(dk.Decapsulate(answer[:mlkem.CiphertextSize768]))
	point := must(ecdh.X25519().NewPublicKey(answer[mlkem.CiphertextSize768:]))
	return share, append(first, must(key.ECDH(point))...)
}

func main() {
	var file struct{ Exchanges []exchange }
	check(json.Unmarshal(must(os.ReadFile(os.Args[1])), &file))
	checked := 0
	for i, e := range file.Exchanges {
		if e.Group != "X25519MLKEM768" {
			continue
		}
		share, secret := client(raw(e.PrivateKeys[0]), raw(e.PrivateKeys[1]), raw(e.ServerShare))
		same(share, e.ClientShare, i, "clientShare")
		same(secret, e.SharedSecret, i, "sharedSecret")
		checked++
	}
	fmt.Println(checked, "exchanges are right")
}

func same(made []byte, given string, index int, member string) {
	if !bytes.Equal(made, raw(given)) {
		check(fmt.Errorf("exchanges[%d].%s is not %x", index, member, made))
	}
}

func raw(text string) []byte { return must(hex.DecodeString(text)) }

func must[T any](value T, err error) T { check(err); return value }

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
