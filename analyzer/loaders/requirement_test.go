package loaders_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/analyzer/loaders"
	"github.com/kerasvet/kerasvet/analyzer/loaders/pep440"
)

func version(t testing.TB, text string) pep440.Version {
	t.Helper()
	v, err := pep440.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParseRequirement(t *testing.T) {
	tests := []struct {
		text    string
		want    string // package and versions, or the error
		in, out string // versions that may and may not be there
	}{
		{"3.12.4", "keras ==3.12.4", "3.12.4+local", "3.12.3"},
		{" v3.12.4 ", "keras ==v3.12.4", "3.12.4", "3.12.5"},
		{"3.12", "keras ==3.12.*", "3.12.4", "3.13.0"},
		{"3", "keras ==3.*", "3.0.5", "2.15.0"},
		{"3.12.*", "keras ==3.12.*", "3.12.0", "3.11.3"},
		{"3.15.0rc1", "keras ==3.15.0rc1", "3.15.0rc1", "3.15.0"},
		{">=3.9, <3.12", "keras >=3.9,<3.12", "3.11.3", "3.12.0"},
		{"keras>=3.9,<3.12", "keras >=3.9,<3.12", "3.9.0", "3.8.0"},
		{"~=3.12.1", "keras ~=3.12.1", "3.12.4", "3.13.0"},
		{"tf_keras==2.19.0", "tf-keras ==2.19.0", "2.19.0", "2.20.1"},
		{"TensorFlow[and-cuda]==2.15.1", "tensorflow ==2.15.1", "2.15.1", "2.16.1"},
		{"tf-keras", "tf-keras unknown version: no version is given", "0", ""},
		{"", `"" is not a requirement: a package name is expected`, "", ""},
		{"3.12.x", `requirement of keras: "==3.12.x" is not a version specifier (PEP 440)`, "", ""},
		{"keras==garbage", `requirement of keras: "==garbage" is not a version specifier (PEP 440)`, "", ""},
		{"keras>3.12,<3.11", `"keras>3.12,<3.11": no version meets these specifiers`, "", ""},
		{"latest", `"latest" is no package that loads Keras models: expected a version of keras, or keras, tf-keras or tensorflow with a version`, "", ""},
		{"python==3.12", `"python" is no package that loads Keras models: expected a version of keras, or keras, tf-keras or tensorflow with a version`, "", ""},
		{"keras==3.1;python_version<'4'", `"keras==3.1;python_version<'4'": a package and version specifiers are expected, without URL and markers`, "", ""},
		{"keras @ file:///x", `"keras @ file:///x": a package and version specifiers are expected, without URL and markers`, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			p, err := loaders.ParseRequirement(tt.text)
			got := p.Package + " " + p.Versions.String()
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Fatalf("-want +got:\n%s", diff)
			}
			for text, want := range map[string]bool{tt.in: true, tt.out: false} {
				if text == "" {
					continue
				}
				if some, _ := p.Versions.MayMeet(pep440.Exactly(version(t, text))); some != want {
					t.Errorf("may be %s: %v", text, some)
				}
			}
		})
	}
	if _, err := loaders.ParseRequirement("keras==" + strings.Repeat("1", 2000)); err == nil {
		t.Error("2,000 digits are read")
	}
}

func TestUnreleasedVersionIsDoubted(t *testing.T) {
	for text, want := range map[string]bool{"3.12.4": false, "3.12.4.0": false, "3.99.0": true, "3.12.99": true, ">=3.99": false, "tf-keras==2.19.0": false, "tensorflow==9": false} {
		p, err := loaders.ParseRequirement(text)
		if err != nil {
			t.Fatal(err)
		}
		if (p.Doubt != "") != want {
			t.Errorf("%s: doubt %q", text, p.Doubt)
		}
	}
}

func TestParsePython(t *testing.T) {
	for text, want := range map[string]string{"3.12": "==3.12.*", "3.12.4": "==3.12.4", ">=3.11": ">=3.11"} {
		p, err := loaders.ParsePython(text)
		if err != nil || p.Package != "python" || p.Versions.Text != want {
			t.Errorf("%s: %v %v", text, p.Versions, err)
		}
	}
	for _, text := range []string{"", "python3", "3.x", "three"} {
		if p, err := loaders.ParsePython(text); err == nil {
			t.Errorf("%q is read as %v", text, p.Versions)
		}
	}
}

func pins(t testing.TB, requirements ...string) []loaders.Pin {
	t.Helper()
	var pins []loaders.Pin
	for _, text := range requirements {
		p, err := loaders.ParseRequirement(text)
		if err != nil {
			t.Fatal(err)
		}
		pins = append(pins, p)
	}
	return pins
}

func TestLoaders(t *testing.T) {
	tests := []struct {
		scenario string
		pins     []string
		want     []string
	}{
		{"keras 3", []string{"3.12.4"}, []string{"keras ==3.12.4"}},
		{"keras 2 is what tf.keras is", []string{"keras==2.15.0"}, []string{"tf.keras ==2.15.0"}},
		{"a range over both", []string{">=2.15,<3.2"}, []string{"tf.keras >=2.15,<3.2", "keras >=2.15,<3.2"}},
		{"tf-keras", []string{"tf-keras==2.19.0"}, []string{"tf_keras ==2.19.0"}},
		{"TensorFlow 2.15 brings keras 2.15", []string{"tensorflow==2.15.1"}, []string{"tf.keras ==2.15.*"}},
		{"TensorFlow 2.4 has it inside", []string{"tensorflow-cpu==2.4.4"}, []string{"tf.keras ==2.4.*"}},
		{"TensorFlow 1", []string{"tensorflow==1.15.5"}, []string{"tf.keras <2.3"}},
		{"TensorFlow 2.16 does not say", []string{"tensorflow==2.16.2"}, []string{
			"tf.keras unknown version: tensorflow from 2.16 on uses the keras that is installed beside it",
			"keras unknown version: tensorflow from 2.16 on uses the keras that is installed beside it"}},
		{"TensorFlow 2.16 and a keras", []string{"tensorflow==2.16.2", "3.12.4"}, []string{"keras ==3.12.4"}},
		{"a range of TensorFlow", []string{"tensorflow>=2.14,<2.16"}, []string{"tf.keras of tensorflow >=2.14,<2.16"}},
		{"keras-core", []string{"keras-core==0.1.7"}, []string{"keras ==0.1.7"}},
		{"a package that loads nothing", []string{"h5py==3.14.0"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			var got []string
			for _, l := range loaders.Loaders(pins(t, tt.pins...)) {
				got = append(got, l.Family.String()+" "+l.Versions.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
