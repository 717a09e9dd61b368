module kemistry.invalid/exchanges

go 1.24
