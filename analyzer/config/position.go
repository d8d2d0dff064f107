package config

import (
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// positions finds where something stands in the text; the text is parsed again when
// it is first asked, which is where something is wrong.
type positions struct {
	name string
	data []byte
	file *ast.File
}

// of returns the line and column of what a YAML path names; zero if that is nothing.
func (p *positions) of(path string) (line, column int) {
	if p.file == nil {
		file, err := parser.ParseBytes(p.data, 0)
		if err != nil {
			return 0, 0
		}
		p.file = file
	}
	parsed, err := yaml.PathString(path)
	if err != nil {
		return 0, 0
	}
	node, err := parsed.FilterFile(p.file)
	if err != nil || node == nil || node.GetToken() == nil {
		return 0, 0
	}
	at := node.GetToken().Position
	return at.Line, at.Column
}

func (p *positions) errorf(path, format string, args ...any) error {
	e := &Error{File: p.name, What: fmt.Sprintf(format, args...)}
	e.Line, e.Column = p.of(path)
	return e
}
