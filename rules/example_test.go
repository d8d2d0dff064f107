package rules_test

import (
	"fmt"
	"log"

	"github.com/kerasvet/kerasvet/rules"
)

func ExampleByID() {
	rule := rules.ByID("lambda-bytecode")
	fmt.Println(rule.Severity, rule.Title)
	todo, err := rule.Section("What to do")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(todo) > 0)
	// Output:
	// high Serialized Python bytecode
	// true
}
