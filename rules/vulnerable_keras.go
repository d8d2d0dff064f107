package rules

// VulnerableKeras is about the packages that load models, not about models: the
// analyzer reports it where the user has said which these are.
var VulnerableKeras = &Rule{
	ID:       "vulnerable-keras",
	Title:    "Version of Keras or a relative with a known hole",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{1395, 937},
	Check:    func(*Pass) {},
}
