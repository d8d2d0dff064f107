package analyzer

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/rules"
)

const (
	maxMessage = 400  // characters of a message: what a dashboard shows
	maxAddress = 1000 // characters of an address: longer ones name hostile things
	maxRelated = 20   // further places listed for one finding
	maxListing = 200  // lines of code shown for one finding

	excerptBefore, excerptAfter = 28, 48 // bytes of text shown around a finding
)

// freeze turns what the rules reported into findings in the order of the file.
func freeze(a *formats.Artifact, found []rules.Finding, opts Options) []Finding {
	if len(found) == 0 {
		return nil
	}
	root := a.Root
	effects := rules.NewEffects(a)
	order := positions(root, found)
	ruleOrder := map[*rules.Rule]int{}
	for _, f := range found {
		if _, ok := ruleOrder[f.Rule]; !ok {
			ruleOrder[f.Rule] = len(ruleOrder)
		}
	}
	slices.SortStableFunc(found, func(a, b rules.Finding) int {
		return cmp.Or(cmp.Compare(order[a.At], order[b.At]), cmp.Compare(ruleOrder[a.Rule], ruleOrder[b.Rule]))
	})
	equal := map[string]int{}
	out := make([]Finding, len(found))
	for i, f := range found {
		sum := sha256.Sum256([]byte(f.Evidence))
		out[i] = Finding{
			Rule:     f.Rule,
			Message:  formats.PrintableText(f.Message, maxMessage),
			Place:    place(f.At),
			Evidence: hex.EncodeToString(sum[:]),
			Code:     f.Code,
			Python:   f.Python,
			unread:   f.Rule.ID == rules.UnanalyzedContent.ID,
		}
		if f.Listing != nil {
			out[i].Listing = listing(f.Listing())
		}
		for _, n := range f.Related[:min(len(f.Related), maxRelated)] {
			out[i].Related = append(out[i].Related, place(n))
		}
		row := effects.Of(&f)
		out[i].Effect, out[i].Effects = row.Summary(), row.Ranges()
		base := fingerprint(f.Rule.ID, root.Name, f.At, sum[:], 0)
		out[i].Ordinal = equal[base]
		equal[base]++
		out[i].Fingerprint = fingerprint(f.Rule.ID, root.Name, f.At, sum[:], out[i].Ordinal)
		out[i].waive(root.Name, &f, row, &opts)
	}
	return out
}

// positions numbers the nodes that have findings in the order of the file.
func positions(root *formats.Node, found []rules.Finding) map[*formats.Node]int {
	order := make(map[*formats.Node]int, len(found))
	for _, f := range found {
		order[f.At] = 0
	}
	i := 0
	for n := range root.All() {
		if _, ok := order[n]; ok {
			i++
			order[n] = i
		}
	}
	return order
}

// listing makes the lines of a listing printable, and leaves out those that are too many.
func listing(lines []rules.CodeLine) []rules.CodeLine {
	var out []rules.CodeLine
	for i, l := range lines {
		if i == maxListing {
			return append(out, rules.CodeLine{Text: fmt.Sprintf("... %d more lines", len(lines)-maxListing)})
		}
		out = append(out, rules.CodeLine{Text: formats.PrintableText(l.Text, maxMessage), Marked: l.Marked})
	}
	return out
}

func place(n *formats.Node) Place {
	l := n.Location()
	p := Place{
		Address: formats.PrintableText(l.String(), maxAddress),
		Member:  formats.PrintableText(l.Member(), maxAddress),
		Layer:   formats.Printable(n.LayerName()),
		Kind:    n.Kind.String(),
	}
	pointer, ok := l.Pointer()
	if !ok {
		return p
	}
	p.Pointer = formats.PrintableText(pointer, maxAddress)
	for n.Kind == formats.KindCode || n.Kind == formats.KindConstant { // shown where the document holds the code
		n = n.Parent
	}
	start, ok1 := n.Position()
	end, ok2 := n.EndPosition()
	if ok1 && ok2 {
		p.InText = true
		p.OnDisk = n.Document().Parent.Kind == formats.KindFile && n.Encoding() == "utf-8"
		p.Line, p.Column, p.EndLine, p.EndColumn = start.Line, start.Column, end.Line, end.Column
		p.ByteOffset, p.ByteEnd = n.Span.Start, n.Span.End
		before, after := n.Excerpt(excerptBefore, excerptAfter)
		p.Before, p.After = formats.Printable(before), formats.Printable(after)
	}
	return p
}

// fingerprint digests what identifies a finding: rule, container, member, anchor,
// evidence, ordinal among equals. Offsets, list indices and wording are not in it.
func fingerprint(rule, container string, at *formats.Node, evidence []byte, ordinal int) string {
	h := sha256.New()
	put(h, []byte(rule))
	put(h, []byte(container))
	put(h, []byte(at.Location().Member()))
	put(h, []byte(anchor(at)))
	put(h, evidence)
	put(h, binary.BigEndian.AppendUint32(nil, uint32(ordinal)))
	return hex.EncodeToString(h.Sum(nil))
}

func put(h hash.Hash, b []byte) {
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(b))))
	h.Write(b)
}

// anchor names a node by keys, object names and layer names: an element of a list
// is known by its own name where it has one, so that a layer added before it
// changes nothing.
func anchor(n *formats.Node) string {
	var parts []string
	for ; n != nil && n.Kind != formats.KindFile && n.Kind != formats.KindMember; n = n.Parent {
		name := n.Name
		if n.Parent != nil && n.Parent.Kind == formats.KindArray {
			name = "*"
			if own, ok := n.GetString("name"); ok {
				name = own
			} else if own, ok := n.Get("config").GetString("name"); ok {
				name = own
			}
		}
		parts = append(parts, name)
	}
	slices.Reverse(parts)
	return strings.Join(parts, "\x00")
}
