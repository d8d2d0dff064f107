package formats_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"

	"github.com/kerasvet/kerasvet/formats"
)

// What a loader would deserialize, at any depth, with the name that it resolves to.
func ExampleOpen() {
	f, err := os.Open("../testdata/samples/hostile-os-system.keras")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		log.Fatal(err)
	}
	artifact := formats.Open(context.Background(), "model.keras", f, info.Size(), formats.Limits{})
	fmt.Println(artifact.Format, artifact.Complete())
	for object := range formats.Objects(artifact.Root) {
		name, _ := object.Resolve()
		fmt.Println(formats.Printable(name))
	}
	// Output:
	// keras true
	// keras.Sequential
	// keras.layers.InputLayer
	// os.system
}

// An address leads back to its node.
func ExampleFind() {
	data, err := os.ReadFile("../testdata/samples/honest-architecture.json")
	if err != nil {
		log.Fatal(err)
	}
	artifact := formats.Open(context.Background(), "model.json", bytes.NewReader(data), int64(len(data)), formats.Limits{})
	at, err := formats.ParseLocation("model.json#/config/name")
	if err != nil {
		log.Fatal(err)
	}
	node := formats.Find(artifact.Root, at)
	fmt.Println(node.Location(), node.Kind)
	// Output: model.json#/config/name string
}
