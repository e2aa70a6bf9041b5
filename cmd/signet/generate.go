package main

import (
	"crypto/rand"
	_ "embed"
	"fmt"
	"math/big"
	"strings"
)

// wordList is one word of three to eight letters a line, none twice.
//
//go:embed words.txt
var wordList string

// generatePassword makes a password that is easily read out and typed, such as
// tulip-raven-4817-cobalt: three of 874 words and one of 10,000 numbers, each
// drawn alone and uniformly, which is 42 bits.
func generatePassword() string {
	words := strings.Fields(wordList)
	word := func() string { return words[randomBelow(len(words))] }
	return fmt.Sprintf("%s-%s-%04d-%s", word(), word(), randomBelow(10_000), word())
}

func randomBelow(n int) int {
	v, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // rand.Reader does not fail
	}
	return int(v.Int64())
}
