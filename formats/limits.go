package formats

import "github.com/kerasvet/kerasvet/formats/internal/bounds"

// Limits bounds what one Open may cost. A zero field means the default, never
// "unlimited". When a limit is met, a Problem says which and where, and reading
// goes on beside it as far as the budget allows. The time limit is the deadline
// of the context.
type Limits struct {
	// ReadBytes is how many bytes may be read from the input or come out of a
	// decompressor, in total. Default 1 GiB: metadata of the largest real models is below a tenth of that.
	ReadBytes int64
	// MemberBytes is the largest decompressed archive member. Stored members are
	// not decompressed and have no limit. Default 64 MiB.
	MemberBytes int64
	// TextBytes is how much decoded text is held at once: documents, attribute
	// values, decompressed members. Default 96 MiB.
	TextBytes int64
	// StructureBytes is the largest single structure: a central directory, a
	// heap, an attribute. Default 64 MiB.
	StructureBytes int64
	// Nodes is how many nodes the tree may have: members, groups, links,
	// attributes, JSON values. Default 700,000.
	Nodes int64
	// Steps is how many units of work may be done that make no node: index
	// entries, header messages, tokens. Default 20,000,000.
	Steps int64
	// Depth is how deep JSON values or HDF5 groups may be nested. Default 10,000:
	// json.loads reads 994 levels up to CPython 3.11, 9,998 on 3.13.
	Depth int
	// Nesting is how many containers may lie one in another. Default 6.
	Nesting int
}

// DefaultLimits are the limits that a zero Limits stands for.
var DefaultLimits = Limits{
	ReadBytes:      1 << 30,
	MemberBytes:    64 << 20,
	TextBytes:      96 << 20,
	StructureBytes: 64 << 20,
	Nodes:          700_000,
	Steps:          20_000_000,
	Depth:          10_000,
	Nesting:        6,
}

func orDefault[T int | int64](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}

func (l Limits) bounds() bounds.Limits {
	d := DefaultLimits
	return bounds.Limits(Limits{
		ReadBytes:      orDefault(l.ReadBytes, d.ReadBytes),
		MemberBytes:    orDefault(l.MemberBytes, d.MemberBytes),
		TextBytes:      orDefault(l.TextBytes, d.TextBytes),
		StructureBytes: orDefault(l.StructureBytes, d.StructureBytes),
		Nodes:          orDefault(l.Nodes, d.Nodes),
		Steps:          orDefault(l.Steps, d.Steps),
		Depth:          orDefault(l.Depth, d.Depth),
		Nesting:        orDefault(l.Nesting, d.Nesting),
	})
}
