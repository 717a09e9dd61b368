module kemistry.example/peer

go 1.26
