package formats

import (
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pickle"
	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
)

// pickledCode adds the code objects that a pickle unmarshals or puts together.
func (o *opener) pickledCode(n *Node, src *bounds.Source, p *Pickle) error {
	for i := range p.Events {
		e := &p.Events[i]
		if e.Kind != pickle.Call {
			continue
		}
		var known decoded
		switch e.Value.Func.Path() {
		case "marshal.loads":
			v := e.Value.Arg(0)
			if v == nil || v.Kind != pickle.Bytes {
				continue
			}
			data, err := o.content8(src, v)
			if err != nil {
				return err
			}
			text, err := data.Bytes(0, data.Size())
			if err == nil {
				err = o.decode(&known, text, pyflow.Env{})
			}
			if err != nil {
				return err
			}
			if len(known.codes) == 0 {
				o.problem(n, known.err)
			}
		case "types.CodeType", "dill._dill._create_code":
			if err := o.assemble(&known, e.Value.Args); err != nil {
				return err
			}
			if len(known.codes) == 0 {
				o.problem(n, bounds.Unsupportedf(e.Off, "a code object whose parts are not known"))
			}
		}
		for _, c := range known.codes {
			if err := o.code(n, c, "python"+c.Versions[0], 0); err != nil {
				return err
			}
		}
	}
	return nil
}
