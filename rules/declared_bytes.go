package rules

import (
	"strconv"

	"github.com/kerasvet/kerasvet/formats"
)

// Sizes that a file claims are floats: products of them never overflow, and no
// digit of them matters.

// bombBytes is below what no size is worth a finding, whatever its proportion.
const bombBytes = 64 << 20

// declaredBytes is how much memory a reader of a dataset asks for.
func declaredBytes(d *formats.Dataset) float64 {
	n := float64(max(d.ItemSize, 1))
	for _, dim := range d.Shape {
		n *= float64(dim)
	}
	return n
}

// storedBytes is how much of a dataset lies in the file, and at most the whole
// file where its header does not say.
func storedBytes(n *formats.Node) float64 {
	if d := n.Dataset(); d.Stored >= 0 {
		return float64(d.Stored)
	}
	return min(declaredBytes(n.Dataset()), containerBytes(n))
}

// containerBytes is the size of the nearest file or archive member around n.
func containerBytes(n *formats.Node) float64 {
	for ; n != nil; n = n.Parent {
		if m := n.Member(); m != nil {
			return float64(m.Size)
		}
		if n.Kind == formats.KindFile {
			return float64(n.Span.End - n.Span.Start)
		}
	}
	return 0
}

// elsewhere reports whether a dataset takes its values from other datasets or files.
func elsewhere(n *formats.Node) bool {
	return n.Dataset().Layout == "virtual" || sources(n, formats.KindExternal) != nil
}

// size writes a number of bytes for a reader.
func size(n float64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	if n >= 1<<70 {
		return "1000 EiB"
	}
	i := 0
	for n >= 1024 && i < len(units)-1 {
		n /= 1024
		i++
	}
	return strconv.FormatFloat(n, 'g', 3, 64) + " " + units[i]
}
