"""ValidatingAdmissionPolicies, evaluated as the real server does: whatever a cluster is given, and nothing by name.

Their CEL is Google's own, of C++. What is not as on the server is refused when a policy is written, never passed over:
the authorizer, audit annotations, and the functions that Kubernetes adds to CEL.
"""
