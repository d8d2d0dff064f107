package savedmodel

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed schema.txt
var schemaText string

// schema is what text form calls the fields of a SavedModel's messages.
type schema struct {
	messages map[string]map[string]textField
	enums    map[string]map[string]uint64
}

// textField is a field of a message.
type textField struct {
	number int
	kind   string // the type, as descriptor.proto calls it in lower case
	of     string // the message or enum
}

var schemas = sync.OnceValue(func() *schema {
	s := &schema{messages: map[string]map[string]textField{}, enums: map[string]map[string]uint64{}}
	var fields map[string]textField
	var values map[string]uint64
	for line := range strings.Lines(schemaText) {
		words := strings.Fields(line)
		switch {
		case words[0] == "#":
		case words[0] == "message":
			fields = map[string]textField{}
			s.messages[words[1]] = fields
		case words[0] == "enum":
			fields, values = nil, map[string]uint64{}
			s.enums[words[1]] = values
		case fields != nil:
			f := textField{kind: strings.TrimSuffix(words[2], "*")}
			f.number, _ = strconv.Atoi(words[0])
			if len(words) > 3 {
				f.of = words[3]
			}
			fields[words[1]] = f
		default:
			n, _ := strconv.ParseInt(words[0], 10, 64)
			values[words[1]] = uint64(n)
		}
	}
	return s
})
