package modelsigning

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/integrity/internal/strictjson"
)

// legacyPredicate is the predicate type of model-signing 0.2.0, which listed files
// as subjects.
const legacyPredicate = "https://model_signing/Digests/v0.1"

// legacy reports whether the payload says that it is one of model-signing 0.2.0.
func (b *Bundle) legacy() bool {
	o, err := strictjson.Parse(b.Payload)
	return err == nil && o["predicateType"] == legacyPredicate
}

// legacyPAE is what model-signing 0.2.0 signed: it put Python's representation of a
// bytes object into the text, and hashed it with SHA-256 whatever the curve was.
func legacyPAE(payload []byte) []byte {
	return []byte("DSSEV1 " + strconv.Itoa(len(payloadType)) + " " + payloadType + " " + strconv.Itoa(len(payload)) + " " + pyRepr(payload))
}

// pyRepr is repr() of a bytes object in CPython (Objects/bytesobject.c).
func pyRepr(data []byte) string {
	quote := byte('\'')
	if strings.Contains(string(data), "'") && !strings.Contains(string(data), `"`) {
		quote = '"'
	}
	var b strings.Builder
	b.WriteString("b" + string(quote))
	for _, c := range data {
		switch {
		case c == quote || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte(quote)
	return b.String()
}
