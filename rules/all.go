package rules

//go:generate sh -c "cd .. && go run ./rules/internal/genrules > RULES.md"

// All returns the rules in the order of RULES.md: what runs code first, then
// what reaches outside the file, then what hides from readers.
func All() []*Rule {
	return []*Rule{
		DangerousReference,
		LambdaBytecode,
		KerasGadget,
		StdlibReference,
		ForeignReference,
		LambdaSource,
		HDF5ExternalLink,
		HDF5ExternalStorage,
		HDF5VirtualDataset,
		HDF5SoftLink,
		HDF5OpaqueData,
		AmbiguousArchive,
		ContentMismatch,
		HDF5UnderKeras,
		CustomObject,
		UnanalyzedContent,
	}
}
