package config_test

import (
	"fmt"
	"log"

	"github.com/kerasvet/kerasvet/analyzer/config"
)

func ExampleParse() {
	file, err := config.Parse(".kerasvet.yaml", []byte("version: 1\nfail-on: high\ncustom-objects:\n  - name: \"mypackage>*\"\n    reason: our own layers\n"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(file.FailOn, file.CustomObjects[0].Name)

	_, err = config.Parse(".kerasvet.yaml", []byte("version: 1\nfail-no: high\n"))
	fmt.Println(err)
	// Output:
	// high mypackage>*
	// .kerasvet.yaml:2:1: unknown field "fail-no"
}
