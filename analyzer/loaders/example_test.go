package loaders_test

import (
	"fmt"
	"log"

	"github.com/kerasvet/kerasvet/analyzer/loaders"
)

// Which Keras a TensorFlow brings, and which loader that is.
func ExampleLoaders() {
	pin, err := loaders.ParseRequirement("tensorflow==2.15.1")
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range loaders.Loaders([]loaders.Pin{pin}) {
		fmt.Println(l.Family, l.Versions.Text)
	}
	// Output: tf.keras ==2.15.*
}

// The known holes of a version.
func ExampleApplies() {
	known, err := loaders.Embedded()
	if err != nil {
		log.Fatal(err)
	}
	pin, err := loaders.ParseRequirement("keras==3.10.0")
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range loaders.Applies([]loaders.Pin{pin}, known.Advisories) {
		if m.Advisory.ID == "CVE-2025-9906" {
			fmt.Println(m.Advisory.ID, m.State)
		}
	}
	// Output: CVE-2025-9906 certain
}
