package pyyaml

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Type is what a plain scalar stands for (resolver.py, YAML 1.1).
type Type uint8

const (
	Text Type = iota + 1
	Null
	Bool
	Number
	Merge // "<<", which as a key takes over the keys of its value
)

var (
	intPattern = regexp.MustCompile(`^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)
	// The first alternative of PyYAML wants a sign in an exponent.
	floatPattern = regexp.MustCompile(`^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
)

// maxNumber is how long the text of a number may be to be taken for one: what is longer is
// kept as text, which no rule takes for anything.
const maxNumber = 1000

// Resolve says what a plain scalar is, and how JSON would write it.
func Resolve(text string) (t Type, value string) {
	switch text {
	case "", "~", "null", "Null", "NULL":
		return Null, "null"
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return Bool, "true"
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return Bool, "false"
	case "<<":
		return Merge, text
	}
	if len(text) > maxNumber {
		return Text, text
	}
	if intPattern.MatchString(text) {
		return Number, integer(strings.ReplaceAll(text, "_", ""))
	}
	if floatPattern.MatchString(text) {
		return Number, float(strings.ToLower(strings.ReplaceAll(text, "_", "")))
	}
	return Text, text
}

// integer is construct_yaml_int.
func integer(text string) string {
	sign := ""
	if text[0] == '-' || text[0] == '+' {
		sign, text = strings.TrimPrefix(text[:1], "+"), text[1:]
	}
	if strings.Contains(text, ":") {
		n := new(big.Int)
		for part := range strings.SplitSeq(text, ":") {
			digit, _ := strconv.Atoi(part)
			n.Mul(n, big.NewInt(60)).Add(n, big.NewInt(int64(digit)))
		}
		return sign + n.String()
	}
	base := 10
	switch {
	case strings.HasPrefix(text, "0b"):
		base, text = 2, text[2:]
	case strings.HasPrefix(text, "0x"):
		base, text = 16, text[2:]
	case len(text) > 1 && text[0] == '0':
		base, text = 8, text[1:]
	}
	n, ok := new(big.Int).SetString(text, base)
	if !ok {
		return sign + "0"
	}
	return sign + n.String()
}

// float is construct_yaml_float.
func float(text string) string {
	sign := ""
	if text[0] == '-' || text[0] == '+' {
		sign, text = strings.TrimPrefix(text[:1], "+"), text[1:]
	}
	switch {
	case text == ".inf":
		return sign + "Infinity"
	case text == ".nan":
		return "NaN"
	case strings.Contains(text, ":"):
		total := 0.0
		for part := range strings.SplitSeq(text, ":") {
			digit, _ := strconv.ParseFloat(part, 64)
			total = total*60 + digit
		}
		text = strconv.FormatFloat(total, 'g', -1, 64)
	}
	return sign + text
}
