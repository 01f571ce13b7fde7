"""What files of deployments have in common: images, settings of services, and whom they name."""
