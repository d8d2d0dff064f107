package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// inspectText writes an inspection for people.
func inspectText(w io.Writer, found inspection) error {
	b := bufio.NewWriter(w)
	for i, m := range found.Models {
		if i > 0 {
			b.WriteByte('\n')
		}
		m.text(b)
	}
	if len(found.Models) == 0 {
		b.WriteString("no model files found\n")
	}
	return b.Flush()
}

func (m *inspected) text(b *bufio.Writer) {
	fmt.Fprintf(b, "%s: %s, %d bytes\n", m.Name, orUnknown(m.Format), m.Size)
	heading(b, "claims", len(m.Claims))
	for _, c := range m.Claims {
		fmt.Fprintf(b, "    %s %s\n", c.Key, c.Value)
	}
	heading(b, "members", len(m.Members))
	for _, e := range m.Members {
		fmt.Fprintf(b, "    %s  %s\n", e.Name, e.describe())
	}
	heading(b, "layers", len(m.Layers))
	for _, l := range m.Layers {
		fmt.Fprintf(b, "    %s  %s\n", l.Class, l.Name)
	}
	countedText(b, "classes", m.Classes)
	countedText(b, "functions", m.Functions)
	countedText(b, "custom objects and other modules", m.Custom)
	heading(b, "vocabularies", len(m.Vocabularies))
	for _, v := range m.Vocabularies {
		if v.Path != "" {
			fmt.Fprintf(b, "    path %s\n", v.Path)
		} else {
			fmt.Fprintf(b, "    %d words\n", v.Words)
		}
	}
	m.codeText(b)
	m.weightsText(b)
	heading(b, "problems", len(m.Problems))
	for _, p := range m.Problems {
		fmt.Fprintf(b, "    %s: %s: %s\n", p.Address, p.Code, p.Message)
	}
	if !m.Complete {
		b.WriteString("  NOT COMPLETE: some of the content was not read\n")
	}
}

func (m *inspected) weightsText(b *bufio.Writer) {
	heading(b, "groups", len(m.Groups))
	for _, g := range m.Groups {
		if g.Datasets > 0 {
			fmt.Fprintf(b, "    %s  %d datasets\n", below(m.Name, g.Address), g.Datasets)
		}
	}
	heading(b, "datasets", len(m.Datasets))
	for _, d := range m.Datasets {
		fmt.Fprintf(b, "    %s  %s\n", below(m.Name, d.Address), d.describe())
	}
	m.variablesText(b)
	heading(b, "links", len(m.Links))
	for _, l := range m.Links {
		fmt.Fprintf(b, "    %s  to %s\n", below(m.Name, l.Address), strings.TrimPrefix(l.File+":"+l.Path, ":"))
	}
}

// below shortens an address by the name of the file that it is in.
func below(name, address string) string {
	return strings.TrimPrefix(strings.TrimPrefix(address, name), "!")
}

func heading(b *bufio.Writer, what string, n int) {
	if n > 0 {
		fmt.Fprintf(b, "  %s (%d)\n", what, n)
	}
}

func countedText(b *bufio.Writer, what string, names []inspectedName) {
	heading(b, what, len(names))
	for _, n := range names {
		fmt.Fprintf(b, "    %d x %s\n", n.Count, n.Name)
	}
}

func (e *inspectedMember) describe() string {
	switch {
	case e.Directory:
		return "directory"
	case e.Target != "":
		return "link to " + e.Target
	}
	s := fmt.Sprintf("%d bytes", e.Size)
	if e.Compressed != e.Size {
		s += fmt.Sprintf(", compressed to %d", e.Compressed)
	}
	if e.Format != "" {
		s += ", " + e.Format
	}
	if e.Encrypted {
		s += ", encrypted"
	}
	return s
}

func (d *inspectedDataset) describe() string {
	return fmt.Sprintf("%s of %d bytes, %s", orUnknown(d.Type), d.Item, dimensions(d.Shape))
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
