"""Access: the kubeconfig, which is shown in a modal and nowhere else, and who Berth takes a person for."""
