package localuser

// GuessEasily makes verifying a password little work, for tests.
func (s *Store) GuessEasily() { s.decoy = newDecoy(1000) }

// Iterations is what a guess costs.
const Iterations = iterations
