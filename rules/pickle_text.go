package rules

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// What is shown of the arguments of a call.
const (
	maxShownText  = 60 // bytes of one text
	maxShownItems = 4  // elements of one container
	maxShownDepth = 3
)

// callText writes a call as Python would.
func callText(v *formats.PickleValue) string {
	var b strings.Builder
	b.WriteString(v.Func.Path())
	b.WriteByte('(')
	if v.Args != nil {
		writeItems(&b, v.Args, 0)
	}
	b.WriteByte(')')
	return b.String()
}

func writeItems(b *strings.Builder, v *formats.PickleValue, depth int) {
	for i, item := range v.Items {
		if i == maxShownItems {
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		writeValue(b, item, depth+1)
	}
	if len(v.Items) > maxShownItems || v.More {
		b.WriteString(", …")
	}
}

// writeValue writes a value as Python would, as far as it is known.
func writeValue(b *strings.Builder, v *formats.PickleValue, depth int) {
	brackets := map[bool]string{true: "…"}[depth > maxShownDepth]
	switch {
	case v == nil:
		b.WriteString("…")
	case v.Kind == formats.PickleText, v.Kind == formats.PickleBytes:
		text := v.Text
		if len(text) > maxShownText {
			text = text[:maxShownText] + "…"
		}
		if v.Kind == formats.PickleBytes {
			b.WriteByte('b')
		}
		b.WriteString(strconv.Quote(text))
	case v.Kind == formats.PickleNone:
		b.WriteString("None")
	case v.Kind == formats.PickleInt, v.Kind == formats.PickleBool:
		b.WriteString(v.Text)
	case brackets != "":
		b.WriteString(brackets)
	case v.Kind == formats.PickleTuple:
		b.WriteByte('(')
		writeItems(b, v, depth)
		b.WriteByte(')')
	case v.Kind == formats.PickleList:
		b.WriteByte('[')
		writeItems(b, v, depth)
		b.WriteByte(']')
	case v.Path() != "":
		b.WriteString(v.Path())
	case v.Class() != "":
		fmt.Fprintf(b, "%s(…)", v.Class())
	default:
		b.WriteString("…")
	}
}

// picklePhrase names a pickle and what holds it.
func picklePhrase(n *formats.Node) string {
	switch holder := n.Parent; holder.Kind {
	case formats.KindMember:
		return "The pickle in member " + quote(holder.Name)
	case formats.KindAttribute:
		return "The pickle in attribute " + quote(holder.Name)
	case formats.KindDataset:
		return "The pickle in dataset " + quote(holder.Name)
	case formats.KindPickle:
		return "A pickle inside of the pickle"
	default:
		return "The pickle"
	}
}
