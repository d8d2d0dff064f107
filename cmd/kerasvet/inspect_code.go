package main

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// inspectedCode is a serialized Python function.
type inspectedCode struct {
	Argument string             `json:"argument"`
	SHA256   string             `json:"sha256"`
	Address  string             `json:"address"`
	Readings []inspectedReading `json:"readings"`
	Error    string             `json:"error,omitempty"` // why the bytes are no code object
}

// inspectedReading is what one or more versions of Python make of the bytes.
type inspectedReading struct {
	Versions []string `json:"versions"` // those whose compiler may have written it; all that take it where none is
	Written  bool     `json:"written"`  // whether any may have
	Calls    []string `json:"calls"`
	Imports  []string `json:"imports"`
	Listing  []string `json:"listing"`
}

// inspectedPickle is one pickle.
type inspectedPickle struct {
	Address  string   `json:"address"`
	Protocol int      `json:"protocol"`
	Imports  []string `json:"imports"`
}

// maxInspectListing is how many lines of code are listed for one function.
const maxInspectListing = 200

// code lists the functions and pickles at a node.
func (m *inspected) code(n *formats.Node) {
	if f := n.Function(); f != nil {
		c := inspectedCode{Argument: formats.Printable(f.Key), SHA256: f.Digest, Address: inspectAddress(f.At), Readings: []inspectedReading{}}
		if f.Err != nil {
			c.Error = formats.PrintableText(f.Err.Error(), maxInspectMessage)
		}
		for _, child := range n.Children {
			if object := child.CodeObject(); object != nil {
				c.Readings = append(c.Readings, inspectReading(object))
			}
		}
		m.Code = append(m.Code, c)
	}
	if p := n.Pickle(); p != nil {
		found := inspectedPickle{Address: inspectAddress(n), Protocol: p.Protocol, Imports: []string{}}
		for _, c := range n.Children {
			if c.Kind == formats.KindGlobal {
				found.Imports = append(found.Imports, formats.Printable(c.Text))
			}
		}
		m.Pickles = append(m.Pickles, found)
	}
}

func inspectReading(object *formats.CodeObject) inspectedReading {
	r := inspectedReading{Versions: object.Strict, Written: len(object.Strict) > 0, Calls: []string{}, Imports: []string{}, Listing: []string{}}
	if !r.Written {
		r.Versions = object.Versions
	}
	flow := object.Flow(r.Versions[0])
	if flow != nil {
		r.Calls, r.Imports = printableList(flow.Calls), printableList(flow.Imports)
	}
	for i, l := range object.Listing(r.Versions[0]) {
		if i == maxInspectListing {
			r.Listing = append(r.Listing, "...")
			break
		}
		r.Listing = append(r.Listing, formats.PrintableText(l.Text, maxInspectMessage))
	}
	return r
}

func printableList(names []string) []string {
	out := []string{}
	for _, n := range names {
		out = append(out, formats.Printable(n))
	}
	return out
}

func (m *inspected) codeText(b *bufio.Writer) {
	heading(b, "serialized functions", len(m.Code))
	for _, c := range m.Code {
		fmt.Fprintf(b, "    %s  %s, SHA-256 %s\n", below(m.Name, c.Address), c.Argument, c.SHA256)
		if c.Error != "" {
			fmt.Fprintf(b, "      %s\n", c.Error)
		}
		for _, r := range c.Readings {
			fmt.Fprintf(b, "      Python %s\n", strings.Join(r.Versions, ", "))
			for _, l := range r.Listing {
				fmt.Fprintf(b, "        %s\n", l)
			}
		}
	}
	heading(b, "pickles", len(m.Pickles))
	for _, p := range m.Pickles {
		imports := slices.Clone(p.Imports)
		if len(imports) == 0 {
			imports = []string{"imports nothing"}
		}
		fmt.Fprintf(b, "    %s  protocol %d: %s\n", below(m.Name, p.Address), p.Protocol, strings.Join(imports, ", "))
	}
}
