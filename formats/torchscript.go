package formats

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/zipfile"
)

// FormatTorchScript is source that torch.jit.load compiles.
const FormatTorchScript Format = "torchscript"

// torchFiles are the operators of TorchScript that open files, rpc aside: aten::save and
// aten::from_file. A module of operators may be renamed before one is taken from it.
var torchFiles = regexp.MustCompile(`\.\s*(save|from_file)\b`)

// torchScript marks the source of TorchScript among the members of an archive, and adds
// a KindGlobal for each operator in it that opens files. torch.jit.load runs methods of
// that source to restore objects (torch/csrc/jit/serialization/import.cpp). It takes
// names without regard to case.
func (o *opener) torchScript(n *Node, a *zipfile.Archive, nodes map[*zipfile.Entry]*Node) error {
	if !slices.ContainsFunc(n.Children, func(m *Node) bool { return strings.EqualFold(path.Base(m.Name), "constants.pkl") }) {
		return nil
	}
	for _, e := range a.Entries {
		m := nodes[e]
		name := "/" + strings.ToLower(m.Name)
		if !strings.HasSuffix(name, ".py") || !strings.Contains(name, "/code/") || m.Member().Content.Format != "" || m.Member().Content.Program {
			continue
		}
		m.Member().Content.Format = FormatTorchScript
		src, err := e.Open()
		if src == nil {
			o.problem(m, err)
			continue
		}
		if err := o.budget.Text(src.Size()); err != nil {
			return err
		}
		text, err := src.Bytes(0, src.Size())
		if err != nil {
			return err
		}
		for _, at := range torchFiles.FindAllSubmatchIndex(text, -1) {
			operator := "torch." + string(text[at[2]:at[3]])
			if m.Get(operator) != nil {
				continue
			}
			g, err := o.add(m, KindGlobal, operator)
			if err != nil {
				return err
			}
			g.Text = operator
			g.Span = Span{int64(at[0]), int64(at[1])}
		}
	}
	return nil
}
