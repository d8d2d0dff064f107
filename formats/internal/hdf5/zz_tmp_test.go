package hdf5
import ("testing";"os";"fmt")
func TestZZ(t *testing.T) {
	if os.Getenv("ZZ")=="" {t.Skip()}
	i:=0
	var idx string
	for _, d := range []string{"corpus/hdf5","models/files","corpus/benign","corpus/malicious"} {
	for _, s := range samples(t, shared+d) {
		f, err := Read(source(s.data))
		i++
		out := ""
		pr := ""
		if err != nil { pr = err.Error() } else { out = dump(f); pr = problems(f) }
		os.WriteFile(fmt.Sprintf("/tmp/zz/%d.h5",i), s.data, 0o644)
		os.WriteFile(fmt.Sprintf("/tmp/zz/%d.out",i), []byte(out), 0o644)
		os.WriteFile(fmt.Sprintf("/tmp/zz/%d.prob",i), []byte(pr), 0o644)
		idx += fmt.Sprintf("%d %s\n", i, s.name)
	}}
	os.WriteFile("/tmp/zz/index",[]byte(idx),0o644)
}
